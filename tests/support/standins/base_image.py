"""Stand-ins of Atlan's published base images, which cannot be pulled where these tests run.

They keep the published ones' contract (user, workdir, environment, uv, CMD, which Python packages
are there) and their name, so a rendered Dockerfile builds unchanged. Their Python is Debian
bookworm's 3.11, whatever the tag says.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from pathlib import Path

SUITE = "bookworm"
PACKAGES = "python3,python3-pip,ca-certificates"
"""The Debian that they are made from. pip fetches uv; python3-minimal lacks most of the stdlib."""

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
_WOLFI_FAMILY = """\
RUN chown nonroot:nonroot /app \\
 && uv pip install --system --no-cache pyatlan=={version}
ENV PYTHONPATH=/app
"""
# The dependencies of the published image's own Dockerfile, which lack msgspec.
_CHAINGUARD_FAMILY = """\
ENV UV_SYSTEM_PYTHON=true UV_NO_MANAGED_PYTHON=true
RUN uv pip install --no-cache \\
    pydantic~=2.12.5 jinja2~=3.1.6 tenacity~=9.1.2 pytz==2025.2 \\
    python-dateutil~=2.9.0 pyyaml~=6.0.3 httpx~=0.28.1 \\
    lazy-loader~=0.4 nanoid~=2.0.0 authlib~=1.6.0 httpx-retries~=0.4.0 \\
 && uv pip install --no-cache --no-deps pyatlan=={version} \\
 && find /usr/lib/python3* /usr/local/lib -name __pycache__ -prune -exec rm -rf {{}} +
"""
_FAMILY = {
    "pyatlan-wolfi-base": _WOLFI_FAMILY,
    "pyatlan-chainguard-base": _CHAINGUARD_FAMILY,
    "pyatlan": _CHAINGUARD_FAMILY,  # the same image under the name that it has now
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
WOLFI_DOCKERFILE = _COMMON + _AS_WOLFI


def published(dockerfile: str) -> tuple[str, str]:
    """Return the published base that a Dockerfile is FROM, and the Dockerfile of its stand-in."""
    named = re.search(
        rf"^FROM (\S+/({'|'.join(_FAMILY)}):([0-9.]+)-\S+)$", dockerfile, re.MULTILINE
    )
    assert named, "the Dockerfile is FROM none of the published bases"
    reference, family, version = named.groups()
    return reference, _COMMON + _FAMILY[family].format(version=version) + _END


def write_context(context: Path, dockerfile: str) -> str:
    """Write what a stand-in's Dockerfile copies, besides rootfs.tar; return a hash of it all."""
    bundle = Path(os.environ.get("SSL_CERT_FILE", _CA_BUNDLE))
    ca = bundle.read_bytes() if bundle.is_file() else b""
    (context / "certificates").mkdir(parents=True, exist_ok=True)
    (context / "apk").write_text(_APK)
    if ca:
        (context / "certificates" / Path(_CA_BUNDLE).name).write_bytes(ca)
    return hashlib.sha256(dockerfile.encode() + _APK.encode() + ca).hexdigest()


def archive(rootfs: Path, file: Path) -> None:
    """Write rootfs.tar of a Debian's files, whole or not at all."""
    without = ("./dev/*", "./proc/*", "./var/lib/apt/lists/*")
    excludes = [f"--exclude={pattern}" for pattern in without]
    aside = rootfs.with_suffix(".tar")
    subprocess.run(["tar", *excludes, "-cf", aside, "-C", rootfs, "."], check=True)
    aside.rename(file)
