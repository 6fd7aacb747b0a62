"""A real registry of images (Debian's docker-registry) on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trustme

PROGRAM = "docker-registry"


def unavailable_reason() -> str | None:
    """Say in one sentence why there can be no registry here; None when there can."""
    for tool in (PROGRAM, "skopeo"):
        if shutil.which(tool) is None:
            return f"A registry needs {tool}, which is not installed."
    return None


@contextmanager
def serve(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Serve images from a folder as long as the `with` block lives.

    Yields the registry's host, and the environment in which skopeo trusts its certificate.
    """
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    folder.mkdir(parents=True, exist_ok=True)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "certificate.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    config = {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}},
        "http": {
            "addr": "127.0.0.1:0",
            "tls": {
                "certificate": str(folder / "certificate.pem"),
                "key": str(folder / "key.pem"),
            },
        },
    }
    (folder / "config.yml").write_text(json.dumps(config))
    with subprocess.Popen(
        [PROGRAM, "serve", folder / "config.yml"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        try:
            found = None
            for line in process.stderr:
                if found := re.search(r"listening on ([\d.]+:\d+)", line):
                    break
            assert found, f"{PROGRAM} did not start"
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield found[1], {"SSL_CERT_FILE": str(folder / "authority.pem")}
        finally:
            process.terminate()


def push_empty_image(reference: str, trust: dict[str, str], folder: Path) -> None:
    """Push an image without content; `folder` is for its files, `trust` as `serve` yields it."""
    blobs = folder / "image" / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    (folder / "image" / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')

    def blob(content: dict[str, object], kind: str) -> dict[str, object]:
        data = json.dumps(content).encode()
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        media = f"application/vnd.oci.image.{kind}.v1+json"
        return {"mediaType": media, "digest": f"sha256:{digest}", "size": len(data)}

    root = {"type": "layers", "diff_ids": []}
    config = blob({"architecture": "amd64", "os": "linux", "rootfs": root}, "config")
    manifest = blob({"schemaVersion": 2, "config": config, "layers": []}, "manifest")
    index = {"schemaVersion": 2, "manifests": [manifest]}
    (folder / "image" / "index.json").write_text(json.dumps(index))
    subprocess.run(
        ["skopeo", "copy", "--quiet", f"oci:{folder / 'image'}", f"docker://{reference}"],
        env={**os.environ, **trust},
        check=True,
    )


def write_layout(layout: Path, author: str, *layers: str) -> None:
    """Write a small image in the OCI's layout, another one for another author.

    Its layers have these texts, which are no archives: nobody unpacks them.
    """
    (layout / "blobs" / "sha256").mkdir(parents=True)

    def blob(content: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        (layout / "blobs" / "sha256" / digest).write_bytes(content)
        return {"digest": f"sha256:{digest}", "size": len(content)}

    kind = "application/vnd.oci.image"
    blobs = [{"mediaType": f"{kind}.layer.v1.tar", **blob(text.encode())} for text in layers]
    config = {
        "architecture": "amd64",
        "author": author,
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [one["digest"] for one in blobs]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{kind}.manifest.v1+json",
        "config": {"mediaType": f"{kind}.config.v1+json", **blob(json.dumps(config).encode())},
        "layers": blobs,
    }
    index = {
        "schemaVersion": 2,
        "manifests": [
            {
                "mediaType": f"{kind}.manifest.v1+json",
                "annotations": {"org.opencontainers.image.ref.name": "image"},
                **blob(json.dumps(manifest).encode()),
            }
        ],
    }
    (layout / "index.json").write_text(json.dumps(index))
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


def push_built(reference: str, arch: str, trust: dict[str, str], folder: Path) -> str:
    """Push without a tag what BuildKit pushes for one platform, an index of the image and its
    attestations; return its digest.

    `reference` is an image that is in the registry. What stands for the attestations is the same
    manifest; `folder` is for files, `trust` as `serve` yields it.
    """
    env = {**os.environ, **trust}
    asked = ["skopeo", "inspect", "--raw", f"docker://{reference}"]
    manifest = subprocess.run(asked, env=env, check=True, capture_output=True).stdout
    image = {
        "mediaType": json.loads(manifest)["mediaType"],
        "digest": f"sha256:{hashlib.sha256(manifest).hexdigest()}",
        "size": len(manifest),
    }
    annotations = {
        "vnd.docker.reference.digest": image["digest"],
        "vnd.docker.reference.type": "attestation-manifest",
    }
    unknown = {"architecture": "unknown", "os": "unknown"}
    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [
            {**image, "platform": {"architecture": arch, "os": "linux"}},
            {**image, "annotations": annotations, "platform": unknown},
        ],
    }
    content = json.dumps(index, indent=2).encode()
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    folder.mkdir()
    (folder / "manifest.json").write_bytes(content)
    to = f"docker://{reference.rpartition(':')[0]}@{digest}"
    copy = ("skopeo", "copy", "--quiet", "--multi-arch", "index-only", "--preserve-digests")
    subprocess.run([*copy, f"dir:{folder}", to], env=env, check=True)
    return digest
