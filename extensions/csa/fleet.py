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

from .errors import Failed, failure_of
from .git import repository_of
from .packages import read_answers
from .template import Source, expand, open_source
from .writing import undo_unfinished, writing

MOST_JOBS = 4
"""Processes unless told otherwise: at some 90 MB each, a fleet stays below 500 MB."""

Result = TypeVar("Result")


def default_jobs() -> int:
    """Return how many processes to use unless told otherwise."""
    return min(MOST_JOBS, os.cpu_count() or 1)


@dataclass(frozen=True)
class Fleet:
    """Packages, and processes to work on them.

    `sources` has the template of each folder; `failed` says why a folder has none. `jobs` is the
    number of processes.
    """

    sources: Mapping[Path, Source]
    failed: Mapping[Path, Failed]
    pool: ProcessPoolExecutor
    jobs: int

    def run(
        self, function: Callable[[Path, Source], Result], folders: Iterable[Path]
    ) -> Generator[tuple[Path, Result | Failed], None, None]:
        """Yield each folder with what `function` returned or raised for it, as they end.

        Once told to stop, it starts nothing more, and raises KeyboardInterrupt when what was under
        way has ended and been yielded.
        """
        waiting = list(folders)[::-1]
        running: dict[Future[Result], Path] = {}
        with told_to_stop() as told:
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
        with _blocked(signal.SIGINT):
            try:
                return self.pool.submit(function, folder, self.sources[folder])
            except BrokenProcessPool as error:
                failed: Future[Result] = Future()
                failed.set_exception(error)
                return failed


def stop_signals() -> set[signal.Signals]:
    """Return Ctrl-C and what a closed terminal or a CI that gives up sends, but for those ignored.

    Under nohup, for one, SIGHUP is.
    """
    signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    return {one for one in signals if signal.getsignal(one) is not signal.SIG_IGN}


@contextmanager
def told_to_stop() -> Iterator[list[int]]:
    """Have signals to stop noted, in the list, and not raised."""
    told: list[int] = []
    before = {
        one: signal.signal(one, lambda number, _: told.append(number)) for one in stop_signals()
    }
    try:
        yield told
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def _blocked(*signals: signal.Signals) -> Iterator[None]:
    """Let signals wait."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)


def _result(future: Future[Result]) -> Result | Failed:
    try:
        return future.result()
    except BrokenProcessPool:
        return Failed("the process that worked on it, or on another, was killed: see git status")
    except Exception as error:  # noqa: BLE001  # whatever it is, it stops no other package
        return failure_of(error)


@contextmanager
def open_fleet(folders: Sequence[Path], version: str | None, jobs: int) -> Iterator[Fleet]:
    """Open the templates of packages, each once: from then on nothing needs the network.

    `version` names the one to update to, as for `open_source`. What a killed run left half written
    is put back first. On leaving, no more work is started, and what is under way is waited for.
    """
    with ExitStack() as stack:
        # Resolved: Copier speaks of real paths, which macOS' temporary folders are not.
        work = Path(tempfile.mkdtemp(prefix="csa-")).resolve()
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        repositories: dict[Path, Failed | None] = {}
        opened: dict[str, Source | Failed] = {}
        sources: dict[Path, Source] = {}
        failed: dict[Path, Failed] = {}
        for folder in folders:
            try:
                repository = _repository(folder)
                if repository not in repositories:
                    repositories[repository] = _put_back(repository, stack)
                if broken := repositories[repository]:
                    raise broken
                address = read_answers(folder)["_src_path"]
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
            if work in source.repository.parents
        ]
        jobs = max(1, min(jobs, len(sources)))
        # multiprocessing starts a process here that only SIGHUP would end.
        with _blocked(signal.SIGHUP):
            pool = ProcessPoolExecutor(
                jobs,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_start,
                initargs=(work, clones),
            )
        stack.callback(pool.shutdown, cancel_futures=True)
        try:
            yield Fleet(sources, failed, pool, jobs)
        finally:
            with _blocked(*stop_signals()):  # a second Ctrl-C would leave processes behind
                stack.close()


def _put_back(folder: Path, stack: ExitStack) -> Failed | None:
    """Undo what a killed run left in a repository, now and when the fleet is closed."""
    try:
        repository = repository_of(folder)
        undo_unfinished(repository)
    except Failed as error:
        return error
    except OSError as error:
        return Failed(str(error))
    stack.callback(undo_unfinished, repository)
    return None


def _open(address: str, version: str | None, work: Path) -> Source | Failed:
    try:
        return open_source(address, version, Path(tempfile.mkdtemp(prefix="template-", dir=work)))
    except Failed as error:
        return error


def _repository(folder: Path) -> Path:
    """Return the top of a folder's repository, for a fleet faster than by asking git each time."""
    return next((up for up in (folder, *folder.parents) if (up / ".git").exists()), folder)


def _start(work: Path, clones: Sequence[tuple[str, Path]]) -> None:
    """Prepare a process of the pool."""
    os.setsid()  # what kills the process group of the one started by hand passes this one by
    threading.Thread(target=_end_with_parent, args=(work,), daemon=True).start()
    warnings.simplefilter("ignore")  # Copier's
    tempfile.tempdir = str(work)
    # git takes our clones for the addresses that they were made of: no render needs the network,
    # and answers record the address. Copier's own cache is not made for several processes.
    os.environ["COPIER_CACHE_DIR"] = tempfile.mkdtemp(prefix="cache-")
    count = int(os.environ.get("GIT_CONFIG_COUNT") or "0")
    for number, (address, clone) in enumerate(clones, count):
        os.environ[f"GIT_CONFIG_KEY_{number}"] = f"url.{clone}.insteadOf"
        os.environ[f"GIT_CONFIG_VALUE_{number}"] = expand(address)
    os.environ["GIT_CONFIG_COUNT"] = str(count + len(clones))


def _end_with_parent(work: Path) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    with writing:
        shutil.rmtree(work, ignore_errors=True)
        os._exit(1)
