"""Many packages at once, each in a process that only its own end can stop halfway."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from .errors import Failed
from .git import git_line
from .packages import read_answers
from .template import Source, expand, open_source
from .writing import undo_unfinished, writing

MOST_JOBS = 4
"""Processes unless told otherwise: at some 90 MB each, a fleet stays below 500 MB."""

Result = TypeVar("Result")


def default_jobs() -> int:
    return min(MOST_JOBS, os.cpu_count() or 1)


@dataclass(frozen=True)
class Fleet:
    """Packages, and processes to work on them.

    `sources` has the template of each folder; `failed` says why a folder has none.
    """

    sources: Mapping[Path, Source]
    failed: Mapping[Path, Failed]
    pool: ProcessPoolExecutor

    def run(
        self, function: Callable[[Path, Source], Result], folders: Iterable[Path]
    ) -> Iterator[tuple[Path, Result | Failed]]:
        """Yield each folder with what `function` returned or raised for it, as they end."""
        # Inherited by processes that start now: Ctrl-C is for the one that was started by hand.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            futures = {
                self.pool.submit(function, folder, self.sources[folder]): folder
                for folder in folders
            }
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except Failed as error:
                yield futures[future], error
            except BrokenProcessPool:
                yield futures[future], Failed("the process that worked on it or another was killed")


@contextmanager
def open_fleet(folders: Sequence[Path], version: str | None, jobs: int) -> Iterator[Fleet]:
    """Open the templates of packages, each once: from then on nothing needs the network.

    `version` names the one to update to, as for `open_source`. What a killed run left half written
    is put back first. On leaving, no more work is started, and what is under way is waited for.
    """
    repositories = {_repository(folder) for folder in folders}
    with ExitStack() as stack:
        for repository in repositories:
            git_directory = Path(git_line(repository, "rev-parse", "--absolute-git-dir"))
            undo_unfinished(git_directory)
            stack.callback(undo_unfinished, git_directory)  # of a process that was killed
        # Resolved: Copier speaks of real paths, which macOS' temporary folders are not.
        work = Path(tempfile.mkdtemp(prefix="csa-")).resolve()
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        opened: dict[str, Source | Failed] = {}
        sources: dict[Path, Source] = {}
        failed: dict[Path, Failed] = {}
        for folder in folders:
            try:
                address = read_answers(folder)["_src_path"]
            except Failed as error:
                failed[folder] = error
                continue
            if address not in opened:
                try:
                    clone = Path(tempfile.mkdtemp(prefix="template-", dir=work))
                    opened[address] = open_source(address, version, clone)
                except Failed as error:
                    opened[address] = error
            source = opened[address]
            if isinstance(source, Failed):
                failed[folder] = source
            else:
                sources[folder] = source
        clones = [
            (source.address, source.repository)
            for source in set(sources.values())
            if work in source.repository.parents
        ]
        pool = ProcessPoolExecutor(
            max(1, min(jobs, len(sources))),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start,
            initargs=(work, clones),
        )
        stack.callback(pool.shutdown, cancel_futures=True)
        yield Fleet(sources, failed, pool)


def _repository(folder: Path) -> Path:
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
    count = int(os.environ.get("GIT_CONFIG_COUNT", "0"))
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
