"""Build and run images without Docker, on a stand-in for Atlan's published bases.

The published bases cannot be pulled where these tests run. The stand-in keeps their
contract (user, workdir, environment, uv, CMD, which Python packages are there) and
their name, so a rendered Dockerfile builds unchanged. Its Python is Debian bookworm's
3.11, whatever the tag says.

Needs root and Debian's packages buildah and debootstrap. Everything is kept below one
cache folder: the user's own container storage is never touched.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import IO, Any

Result = subprocess.CompletedProcess[str]

_CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"

# uv trusts only the CA bundle it ships with unless SSL_CERT_FILE is set. Debian's own
# Python packages go: the published bases have no setuptools to lean on.
_COMMON = f"""\
FROM scratch
ADD rootfs.tar /
COPY certificates/ /etc/ssl/certs/
ENV SSL_CERT_FILE={_CA_BUNDLE}
RUN ln -s python3 /usr/bin/python \\
 && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED \\
 && groupadd --gid 65532 nonroot \\
 && useradd --uid 65532 --gid 65532 --create-home nonroot \\
 && python -m pip install --cert {_CA_BUNDLE} --no-cache-dir --no-compile uv \\
 && mv /usr/local/bin/uv /usr/bin/uv \\
 && rm -rf /usr/lib/python3/dist-packages/* /usr/local/lib/python3*/dist-packages/*
WORKDIR /app
"""
_FAMILY = {
    "wolfi": """\
RUN chown nonroot:nonroot /app \\
 && uv pip install --system --no-cache pyatlan=={version}
ENV PYTHONPATH=/app
""",
    # The dependencies of the published image's own Dockerfile, which lack msgspec.
    "chainguard": """\
ENV UV_SYSTEM_PYTHON=true UV_NO_MANAGED_PYTHON=true
RUN uv pip install --no-cache \\
    pydantic~=2.12.5 jinja2~=3.1.6 tenacity~=9.1.2 pytz==2025.2 \\
    python-dateutil~=2.9.0 pyyaml~=6.0.3 httpx~=0.28.1 \\
    lazy-loader~=0.4 nanoid~=2.0.0 authlib~=1.6.0 httpx-retries~=0.4.0 \\
 && uv pip install --no-cache --no-deps pyatlan=={version} \\
 && find /usr/lib/python3* /usr/local/lib -name __pycache__ -prune -exec rm -rf {{}} +
""",
}
_END = """\
USER nonroot
CMD ["python"]
"""

WOLFI = "cgr.dev/chainguard/wolfi-base:latest"
"""What a base image of one's own is made from."""

# It has Python and uv from the start, which its package manager would install.
_APK = """\
#!/bin/sh
for word in "$@"; do
  case "$word" in
    add | --no-cache | python-3.11 | uv) ;;
    *) echo "ERROR: unable to select packages: $word (no such package)" >&2; exit 1 ;;
  esac
done
"""
_AS_WOLFI = """\
COPY apk /sbin/apk
RUN chmod +x /sbin/apk
WORKDIR /
"""


class BuildError(RuntimeError):
    """A command failed; the message holds the command and its whole output."""


def unavailable_reason() -> str | None:
    """Say in one sentence why images cannot be built here; None when they can."""
    if os.geteuid() != 0:
        return "Building images needs root (chroot, mounts)."
    for tool in ("buildah", "debootstrap"):
        if shutil.which(tool) is None:
            return f"Building images needs {tool}, which is not installed."
    return None


class Buildah:
    """Images in a storage of their own below ``cache`` (made when missing)."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache.resolve()
        self._aside = self._cache / "tmp"
        self._aside.mkdir(parents=True, exist_ok=True)
        # TMPDIR: where buildah keeps the folders of `RUN --mount=type=cache`.
        own = {"BUILDAH_ISOLATION": "chroot", "TMPDIR": str(self._aside)}
        self._env = {**os.environ, **own}

    @cached_property
    def driver(self) -> str:
        """overlay; vfs, which copies every layer whole, where overlay is refused."""
        probe = self._run("info", driver="overlay", check=False)
        return "vfs" if probe.returncode else "overlay"

    def _run(
        self, *arguments: str, stdin: str = "", driver: str = "", check: bool = True
    ) -> Result:
        storage = self._cache / "storage"
        options = [f"--root={storage}/root", f"--runroot={storage}/run"]
        options.append(f"--storage-driver={driver or self.driver}")
        return _execute("buildah", *options, *arguments, stdin=stdin, env=self._env, check=check)

    def ensure_base(self, package: Path) -> None:
        """Have the base that this package's Dockerfile is ``FROM`` in the storage.

        The first call of all downloads Debian, which takes minutes. An image made by
        another version of this file, or with another CA bundle, is made anew. Safe to
        interrupt and to call from several processes at once. Raises BuildError.
        """
        named = re.search(
            r"^FROM (\S+/pyatlan-(wolfi|chainguard)-base:([0-9.]+)-\S+)$",
            (package / "Dockerfile").read_text(),
            re.MULTILINE,
        )
        assert named, "the Dockerfile is FROM none of the published bases"
        reference, family, version = named.groups()
        self._ensure(reference, _COMMON + _FAMILY[family].format(version=version) + _END)

    def ensure_wolfi(self) -> None:
        """Have a stand-in of WOLFI in the storage, with Python 3.11 alone; as `ensure_base`."""
        self._ensure(WOLFI, _COMMON + _AS_WOLFI)

    def _ensure(self, reference: str, dockerfile: str) -> None:
        with (self._cache / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            context = self._cache / "base"
            bundle = Path(os.environ.get("SSL_CERT_FILE", _CA_BUNDLE))
            ca = bundle.read_bytes() if bundle.is_file() else b""
            stamp = hashlib.sha256(dockerfile.encode() + _APK.encode() + ca).hexdigest()
            present = self._run("inspect", "--type=image", reference, check=False)
            if present.returncode == 0 and stamp in present.stdout:
                return
            (context / "certificates").mkdir(parents=True, exist_ok=True)
            (context / "apk").write_text(_APK)
            if ca:
                (context / "certificates" / Path(_CA_BUNDLE).name).write_bytes(ca)
            if not (context / "rootfs.tar").exists():
                self._make_rootfs(context / "rootfs.tar")
            command = ("bud", "--layers", "--pull-never", f"--label=standin={stamp}")
            self._run(*command, "-t", reference, "-f", "-", str(context), stdin=dockerfile)

    def _make_rootfs(self, archive: Path) -> None:
        with tempfile.TemporaryDirectory(dir=self._aside) as aside:
            # pip is there to fetch uv; python3-minimal alone lacks most of the stdlib.
            packages = "--include=python3,python3-pip,ca-certificates"
            # In namespaces of its own: interrupted, it leaves no process and no mount.
            _execute(
                *("unshare", "--mount", "--pid", "--fork", "--kill-child"),
                *("debootstrap", "--variant=minbase", packages),
                *("bookworm", f"{aside}/rootfs"),
            )
            without = (
                "./dev/*",
                "./proc/*",
                "./var/cache/apt/*",
                "./var/lib/apt/lists/*",
            )
            excludes = [f"--exclude={pattern}" for pattern in without]
            made = Path(aside, "rootfs.tar")
            _execute("tar", *excludes, "-cf", str(made), "-C", f"{aside}/rootfs", ".")
            # Only a whole archive ever gets the name that is looked for.
            made.rename(archive)

    def build(self, context: Path, tag: str, **arguments: str) -> Result:
        """Build ``context``'s Dockerfile as ``tag``; return the log (stdout and stderr).

        ``arguments`` are the Dockerfile's ARGs. Unchanged steps come from the layer cache. Raises BuildError.
        """
        command = ["bud", "--layers", "--force-rm", "--pull-never", "-t", tag]
        command += [f"--build-arg={name}={value}" for name, value in arguments.items()]
        ignore = context / ".dockerignore"
        with tempfile.NamedTemporaryFile("w", dir=self._aside) as spelled_out:
            if ignore.exists():
                spelled_out.writelines(f"{line}\n" for line in _without_wildcards(ignore))
                spelled_out.flush()
                command.append(f"--ignorefile={spelled_out.name}")
            return self._run(*command, str(context))

    def push(self, tag: str) -> None:
        """Push an image to the registry that its name begins with, whoever signed its certificate."""
        self._run("push", "--tls-verify=false", tag, f"docker://{tag}")

    def run(
        self,
        tag: str,
        *command: str,
        env: Mapping[str, str] | None = None,
        volumes: Mapping[Path, str] | None = None,
    ) -> Result:
        """Run ``command``, or the image's ENTRYPOINT and CMD, in a new container.

        It has the image's user, workdir and environment, and ``env`` on top; it shares
        the host's network. ``volumes``: host path to where it is seen (read-only).
        A command that fails does not raise: ``returncode`` tells (and buildah adds to
        stderr). Raises BuildError when there is no such image.
        """
        if not command:
            image = self.config(tag)
            command = (*(image.get("Entrypoint") or ()), *(image.get("Cmd") or ()))
        options = [f"--env={key}={value}" for key, value in (env or {}).items()]
        options += [f"--volume={path}:{seen}:ro" for path, seen in (volumes or {}).items()]
        container = self._run("from", "--pull-never", tag).stdout.strip()
        try:
            return self._run("run", *options, container, "--", *command, check=False)
        finally:
            self._run("rm", container)

    def config(self, tag: str) -> dict[str, Any]:
        """Return the image's User, Env, WorkingDir, Cmd, Entrypoint, Labels.

        A key that is not set is missing. Raises BuildError when there is no such image.
        """
        inspected = json.loads(self._run("inspect", "--type=image", tag).stdout)
        config: dict[str, Any] = inspected["OCIv1"]["config"]
        return config

    def layers(self, tag: str) -> Iterator[tuple[str, bytes]]:
        """Return every file of every layer as (``<layer>.tar/<path>``, content).

        The base's layers and files that a later layer deletes are there too, and so is
        the image's own JSON (configuration with history, manifest), as ``<name>.json``.
        Raises BuildError when there is no such image.
        """
        with tempfile.TemporaryDirectory(dir=self._aside) as aside:
            self._run("push", tag, f"docker-archive:{aside}/image.tar")
            with tarfile.open(f"{aside}/image.tar") as image:
                for name, content in _files(image):
                    if not name.endswith(".tar"):
                        yield name, content.read()
                        continue
                    with tarfile.open(fileobj=content) as layer:
                        for path, layered in _files(layer):
                            yield f"{name}/{path}", layered.read()


def _without_wildcards(ignore: Path) -> Iterator[str]:
    """Return a .dockerignore's lines, each ``!pattern`` as the files it re-includes.

    BuildKit finds ``!**/*.py`` in a folder that ``*`` excluded. buildah, like Docker
    before BuildKit, goes into such a folder only for a line that spells its name out.
    """
    for line in ignore.read_text().splitlines():
        if line.startswith("!") and "*" in line:
            for path in sorted(ignore.parent.glob(line[1:].strip("/ "))):
                yield f"!{path.relative_to(ignore.parent)}"
        else:
            yield line


def _files(archive: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    for member in archive:
        if member.isfile() and (content := archive.extractfile(member)):
            yield member.name, content


def _execute(
    *command: str,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    check: bool = True,
) -> Result:
    result = subprocess.run(
        command, env=env, input=stdin, capture_output=True, text=True, check=False
    )
    if check and result.returncode:
        told = f"{' '.join(command)}\nexit status {result.returncode}\n"
        raise BuildError(told + result.stdout + result.stderr)
    return result
