"""A current Docker (dockerd with BuildKit) of its own, which builds and runs images as users do.

It is Debian trixie's, in a root file system that is made once and kept in a cache folder. It runs
in mount and process namespaces of its own, without a network bridge or firewall rules, and ends
with the process that started it, however that ends. A Docker on this machine is never touched.

Needs Linux, root and Debian's package debootstrap.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from . import base_image

Result = subprocess.CompletedProcess[str]

_SUITE = "trixie"
_PACKAGES = "docker.io,docker-cli,docker-buildx,ca-certificates,iptables"
_TOOLS = ("debootstrap", "nsenter", "pivot_root", "setpriv", "unshare")
_CGROUP = "csa-tests"
_NAMESPACES = (
    *("setpriv", "--pdeathsig=KILL"),
    *("unshare", "--mount", "--pid", "--fork", "--kill-child"),
)
"""Runs a command in namespaces of its own, which end with whoever started it."""

# The host's files are below /host. What Docker keeps while it runs is in /run, a tmpfs that ends
# with the namespace: a killed Docker leaves no stale socket or process id. The shell is process 1:
# it collects the processes that containers leave, and dockerd ends before it.
_START = """\
set -eu
mount --bind "$1" "$1"
cd "$1"
mkdir -p host var/lib/docker
mount --bind "$2" var/lib/docker
cp /etc/resolv.conf etc/resolv.conf
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
pivot_root . host
cd /
trap 'kill "$docker"' TERM
dockerd --bridge=none --iptables=false --ip-forward=false --cgroup-parent="/$3" &
docker=$!
wait "$docker" || wait "$docker"
"""

_ENVIRONMENT = {
    "HOME": "/run",  # the settings of docker's command line: none of the user's
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
}


class BuildError(RuntimeError):
    """A command failed; the message holds the command and its whole output."""


def unavailable_reason() -> str | None:
    """Say in one sentence why Docker cannot run here; None when it can."""
    if sys.platform != "linux":
        return "Docker needs Linux."
    if os.geteuid() != 0:
        return "Docker needs root (namespaces, mounts)."
    for tool in _TOOLS:
        if shutil.which(tool) is None:
            return f"Docker needs {tool}, which is not installed."
    if _execute(*_NAMESPACES, "true", check=False).returncode:
        return "Docker needs mount and process namespaces, which are refused here."
    return None


@contextmanager
def start(cache: Path) -> Iterator[Docker]:
    """Run Docker as long as the `with` block lives, with all that it keeps in the folder `cache`.

    The first start of all downloads Debian. Of several with the same folder, one runs at a time:
    the next waits for its end. Raises BuildError.
    """
    cache = cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    with ExitStack() as running:
        lock = running.enter_context((cache / "lock").open("w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        # What a killed run has left.
        shutil.rmtree(cache / "tmp", ignore_errors=True)
        (cache / "tmp").mkdir()
        _remove_cgroups()
        running.callback(_remove_cgroups)

        rootfs, data, log = cache / "rootfs", cache / "data", cache / "dockerd.log"
        data.mkdir(exist_ok=True)
        if not rootfs.exists():
            debootstrap(_SUITE, _PACKAGES, rootfs, cache / "tmp")
        output = running.enter_context(log.open("w"))
        process = subprocess.Popen(
            [*_NAMESPACES, "sh", "-c", _START, "sh", str(rootfs), str(data), _CGROUP],
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C ends the tests first, then these end Docker
            pass_fds=[lock.fileno()],  # the lock is free when dockerd has ended, too
        )
        running.callback(_stop, process)
        deadline = time.monotonic() + 120
        while not (init := _child(process)) or not (docker := Docker(cache, init)).answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise BuildError(f"dockerd did not start:\n{log.read_text()}")
            time.sleep(0.1)
        yield docker
        docker.prune()


def _child(process: subprocess.Popen[bytes]) -> int | None:
    """Return the process id of the namespace's process 1, None before it is there."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0]) if children else None


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None and (init := _child(process)):
        os.kill(init, signal.SIGTERM)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()  # and --kill-child all others
        process.wait()


class Docker:
    """Docker as it runs; `start` makes it."""

    def __init__(self, cache: Path, init: int) -> None:
        """`init`: the process whose namespaces it runs in."""
        self._cache = cache
        self._aside = cache / "tmp"
        self._init = init

    def answers(self) -> bool:
        """Tell whether it has started."""
        return self._docker("version", check=False).returncode == 0

    def prune(self) -> None:
        """Remove what no tag names any more, and the oldest of the layer cache."""
        self._docker("image", "prune", "--force", check=False)
        self._docker("builder", "prune", "--force", "--keep-storage=5GB", check=False)

    def _docker(
        self, *arguments: str, folder: str = "/", stdin: str = "", check: bool = True
    ) -> Result:
        enter = (
            "nsenter",
            f"--target={self._init}",
            "--mount",
            "--pid",
            "env",
            f"--chdir={folder}",
        )
        return _execute(*enter, "docker", *arguments, stdin=stdin, env=_ENVIRONMENT, check=check)

    def ensure_base(self, package: Path) -> str:
        """Have the published base that this package's Dockerfile is FROM; return its name.

        The first call of all downloads Debian, which takes minutes. An image made by another
        version of this code, or with another CA bundle, is made anew. Raises BuildError.
        """
        reference, dockerfile = base_image.published((package / "Dockerfile").read_text())
        self._ensure(reference, dockerfile)
        return reference

    def ensure_wolfi(self) -> None:
        """Have a stand-in of base_image.WOLFI, with Python 3.11 alone; as `ensure_base`."""
        self._ensure(base_image.WOLFI, base_image.WOLFI_DOCKERFILE)

    def _ensure(self, reference: str, dockerfile: str) -> None:
        context = self._cache / "base"
        stamp = base_image.write_context(context, dockerfile)
        label = '{{index .Config.Labels "standin"}}'
        present = self._docker("image", "inspect", f"--format={label}", reference, check=False)
        if present.stdout.strip() == stamp:
            return
        if not (context / "rootfs.tar").exists():
            with tempfile.TemporaryDirectory(dir=self._aside) as aside:
                rootfs = Path(aside, "debian")
                debootstrap(base_image.SUITE, base_image.PACKAGES, rootfs, self._aside)
                base_image.archive(rootfs, context / "rootfs.tar")
        self._docker(
            *("build", "--network=host", f"--label=standin={stamp}", "-t", reference, "-f-", "."),
            folder=_seen(context),
            stdin=dockerfile,
        )

    def build(self, context: Path, tag: str, **arguments: str) -> str:
        """Run `docker build -t TAG .` in the folder `context`; return what it says.

        `arguments` are the Dockerfile's ARGs. Besides, only the network is named, since there is
        no bridge. Unchanged steps come from the layer cache. Raises BuildError.
        """
        given = [f"--build-arg={name}={value}" for name, value in arguments.items()]
        command = ("build", "--network=host", "--progress=plain", *given, "-t", tag, ".")
        built = self._docker(*command, folder=_seen(context))
        return built.stdout + built.stderr

    def run(
        self,
        tag: str,
        *command: str,
        env: Mapping[str, str] | None = None,
        volumes: Mapping[Path, str] | None = None,
    ) -> Result:
        """Run `command`, or the image's own, in a new container; it may fail: see `returncode`.

        It has the image's user, workdir and environment, and `env` on top; it shares the host's
        network. `volumes`: host path to where it is seen (read-only).
        """
        options = [f"--env={key}={value}" for key, value in (env or {}).items()]
        options += [f"--volume={_seen(path)}:{to}:ro" for path, to in (volumes or {}).items()]
        always = ("run", "--rm", "--pull=never", "--network=host")
        return self._docker(*always, *options, tag, *command, check=False)

    def push(self, tag: str) -> None:
        """Push an image to the registry on 127.0.0.1 that its name begins with.

        Docker takes any certificate there. Raises BuildError.
        """
        self._docker("push", "--quiet", tag)

    def config(self, tag: str) -> dict[str, Any]:
        """Return the image's User, Env, WorkingDir, Cmd, Entrypoint, Labels. Raises BuildError."""
        config: dict[str, Any] = self._inspect(tag)["Config"]
        return config

    def layer_ids(self, tag: str) -> list[str]:
        """Return the digests of the image's layers, from its base's first on. Raises BuildError."""
        layers: list[str] = self._inspect(tag)["RootFS"]["Layers"]
        return layers

    def _inspect(self, tag: str) -> dict[str, Any]:
        [inspected] = json.loads(self._docker("image", "inspect", tag).stdout)
        image: dict[str, Any] = inspected
        return image

    def layers(self, tag: str) -> Iterator[tuple[str, str, bytes]]:
        """Yield all that is in the image: layer, path and content of each file.

        The layer is its digest as in `layer_ids`, or "" for the image's own JSON (configuration
        with history, manifests). Base layers and files that a later layer deletes are there, too.
        Folders are not; of a link, the content is its target. Raises BuildError.
        """
        digests = iter(self.layer_ids(tag))
        with tempfile.TemporaryDirectory(dir=self._aside) as aside:
            saved = Path(aside, "image.tar")
            self._docker("save", f"--output={_seen(saved)}", tag)
            with tarfile.open(saved) as image:
                [manifest] = json.load(_opened(image, "manifest.json"))
                for path in manifest["Layers"]:
                    digest = next(digests)
                    with tarfile.open(fileobj=_opened(image, path)) as layer:
                        for name, content in _files(layer):
                            yield digest, name, content
                for name, content in _files(image):
                    if name not in manifest["Layers"]:
                        yield "", name, content


def debootstrap(suite: str, packages: str, rootfs: Path, aside: Path) -> None:
    """Make a minimal Debian with some packages in the folder `rootfs`, whole or not at all.

    It is made in the folder `aside`, on the same file system. Raises BuildError.
    """
    with tempfile.TemporaryDirectory(dir=aside) as folder:
        made = Path(folder, "rootfs")
        # In namespaces of its own: interrupted, it leaves no process and no mount.
        _execute(
            *_NAMESPACES,
            *("debootstrap", "--variant=minbase", f"--include={packages}", suite, str(made)),
        )
        shutil.rmtree(made / "var/cache/apt")
        made.rename(rootfs)


def _seen(path: Path) -> str:
    """Return the path of the host's file where Docker runs."""
    return f"/host{path.resolve()}"


def _opened(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    content = archive.extractfile(name)
    assert content, name
    return content


def _files(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    for member in archive:
        if member.isfile():
            yield member.name.removeprefix("./"), _opened(archive, member.name).read()
        elif not member.isdir():
            yield member.name.removeprefix("./"), member.linkname.encode()


def _remove_cgroups() -> None:
    """Remove the empty control groups that containers have left."""
    groups = Path("/sys/fs/cgroup")
    for top in (*groups.glob(_CGROUP), *groups.glob(f"*/{_CGROUP}")):
        for group in sorted(top.glob("**/"), reverse=True):
            with suppress(OSError):  # a process of a killed run is still ending
                group.rmdir()


def _execute(
    *command: str, stdin: str = "", env: Mapping[str, str] | None = None, check: bool = True
) -> Result:
    result = subprocess.run(
        command, env=env, input=stdin, capture_output=True, text=True, check=False
    )
    if check and result.returncode:
        told = f"{' '.join(command)}\nexit status {result.returncode}\n"
        raise BuildError(told + result.stdout + result.stderr)
    return result
