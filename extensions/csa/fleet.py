"""Many packages at once, in processes that finish what they write even if their parent is killed."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from .errors import Failed, Misuse, failure_of
from .git import configure, repository_of, worktree_of
from .packages import read_answers
from .signals import blocked, deferred_signals, stop_signals
from .template import Source, expand, open_source, share_clones
from .transaction import Place, undo_unfinished, writing

MOST_JOBS = 4
"""Processes unless told otherwise: at some 90 MB each, a fleet stays below 500 MB."""

Result = TypeVar("Result")


def default_jobs() -> int:
    """Return how many processes to use unless told otherwise."""
    return min(MOST_JOBS, os.cpu_count() or 1)


@dataclass(frozen=True)
class Fleet:
    """Packages, or scripts that become some, and processes to work on them.

    `sources` has the template of each folder; `failed` says why a folder has none. `jobs` is the
    number of processes, which start in `work`, a folder of our own.
    """

    sources: Mapping[Path, Source]
    failed: Mapping[Path, Failed]
    pool: ProcessPoolExecutor
    jobs: int
    work: Path

    def run(
        self, function: Callable[[Path, Source], Result], folders: Iterable[Path]
    ) -> Generator[tuple[Path, Result | Failed], None, None]:
        """Yield each folder with what `function` returned or raised for it, as they end.

        Once told to stop, it starts nothing more, and raises KeyboardInterrupt when what was under
        way has ended and been yielded.
        """
        waiting = list(folders)[::-1]
        running: dict[Future[Result], Path] = {}
        with deferred_signals() as told:
            while running or (waiting and not told):
                # No more than there are processes: what a pool has queued cannot be taken back.
                while waiting and len(running) < self.jobs and not told:
                    folder = waiting.pop()
                    running[self._submit(function, folder)] = folder
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    result = _result(future)
                    yield running.pop(future), result
        if waiting:
            raise KeyboardInterrupt

    def _submit(self, function: Callable[[Path, Source], Result], folder: Path) -> Future[Result]:
        # Inherited by a process that starts now: Ctrl-C is for the one started by hand.
        with blocked(signal.SIGINT), _in_folder(self.work):
            try:
                return self.pool.submit(function, folder, self.sources[folder])
            except BrokenProcessPool as error:
                failed: Future[Result] = Future()
                failed.set_exception(error)
                return failed


def _result(future: Future[Result]) -> Result | Failed:
    try:
        return future.result()
    except BrokenProcessPool:
        return Failed("a process that worked on packages was killed: see git status")
    except Exception as error:  # noqa: BLE001  # whatever it is, it stops no other package
        return failure_of(error)


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    """Be in a folder: Python looks for the modules of a process that starts there first."""
    here = os.open(".", os.O_RDONLY)
    os.chdir(folder)
    try:
        yield
    finally:
        os.fchdir(here)
        os.close(here)


def recorded_address(folder: Path) -> str:
    """Return the address of the template that a package was rendered from."""
    return str(read_answers(folder)["_src_path"])


@contextmanager
def open_fleet(
    folders: Sequence[Path],
    version: str | None,
    jobs: int,
    address_of: Callable[[Path], str] = recorded_address,
) -> Iterator[Fleet]:
    """Open the templates of folders, each once: from then on nothing needs the network.

    `version` names the one to update to, as for `open_source`, `address_of` tells a folder's
    template. What a killed run left half written is put back first. On leaving, no more work is
    started, and what is under way is waited for.
    """
    with ExitStack() as stack:
        # Resolved: Copier speaks of real paths, which macOS' temporary folders are not.
        work = Path(tempfile.mkdtemp(prefix="csa-")).resolve()
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        if "\n" in str(work):
            raise Misuse(
                "TMPDIR has a line break in its name, which git cannot handle: set another"
            )
        repositories: dict[Path, Failed | None] = {}
        opened: dict[str, Source | Failed] = {}
        sources: dict[Path, Source] = {}
        failed: dict[Path, Failed] = {}
        for folder in folders:
            try:
                repository = worktree_of(folder) or folder
                if repository not in repositories:
                    repositories[repository] = _put_back(repository, stack)
                if broken := repositories[repository]:
                    raise broken
                address = address_of(folder)
                if address not in opened:
                    opened[address] = _open(address, version, work)
                source = opened[address]
                if isinstance(source, Failed):
                    raise source
                sources[folder] = source
            except Failed as error:
                failed[folder] = error
        clones = [
            (source.address, source.repository)
            for source in set(sources.values())
            # git would take the clone for all addresses that begin with the template's.
            if work in source.repository.parents and not source.has_submodules
        ]
        jobs = max(1, min(jobs, len(sources)))
        # multiprocessing starts a process here that only SIGHUP would end.
        with blocked(signal.SIGHUP), _in_folder(work):
            pool = ProcessPoolExecutor(
                jobs,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_start,
                initargs=(work, clones),
            )
        stack.callback(pool.shutdown, cancel_futures=True)
        try:
            yield Fleet(sources, failed, pool, jobs, work)
        finally:
            with blocked(*stop_signals()):  # a second Ctrl-C would leave processes behind
                stack.close()


def _put_back(folder: Path, stack: ExitStack) -> Failed | None:
    """Undo what a killed run left in a repository, now and when the fleet is closed."""
    try:
        place = Place.of(repository_of(folder))
        undo_unfinished(place)
    except (Failed, OSError) as error:
        return failure_of(error)
    stack.callback(undo_unfinished, place)
    return None


def _open(address: str, version: str | None, work: Path) -> Source | Failed:
    try:
        return open_source(address, version, Path(tempfile.mkdtemp(prefix="template-", dir=work)))
    except Failed as error:
        return error


def _start(work: Path, clones: Sequence[tuple[str, Path]]) -> None:
    """Prepare a process of the pool."""
    os.setsid()  # what kills the process group of the one started by hand passes this one by
    threading.Thread(target=_end_with_parent, args=(work,), daemon=True).start()
    warnings.simplefilter("ignore")  # Copier's
    tempfile.tempdir = str(work)
    # git takes our clones for the addresses that they were made of: no render needs the network,
    # and answers record the address. Copier's own cache is not made for several processes.
    os.environ["COPIER_CACHE_DIR"] = tempfile.mkdtemp(prefix="cache-")
    configure({f"url.{clone}.insteadOf": expand(address) for address, clone in clones})
    share_clones(work)


def _end_with_parent(work: Path) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    with writing:
        shutil.rmtree(work, ignore_errors=True)
        os._exit(1)
