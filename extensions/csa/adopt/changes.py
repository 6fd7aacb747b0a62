"""The files that an adoption changes, until they are written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from ..diff import diff
from ..errors import Failed
from ..files import File, is_file, mode_of, read_file, refuse_links, with_line_ends
from ..git import checked_out, git, stored, uncommitted
from ..transaction import Place, signature, write_all
from .legacy import Legacy
from .references import References


class Changes:
    """New contents by path below the repository's top, as it is before the folder is renamed.

    `files` has them; `seen` the signature of each file from before it was read.
    """

    def __init__(self, legacy: Legacy, references: References):
        self.legacy = legacy
        self.files = {
            path: File(content, mode_of(legacy.top / path))
            for path, content in references.changes.items()
        }
        self.seen = {**references.seen, **legacy.seen}

    def set(self, path: str, content: bytes) -> None:
        """Plan a new content for a file of the folder, if it is another than it has; the file keeps
        its line ends."""
        whole, place = f"{self.legacy.before}/{path}", self.legacy.folder / path
        self.seen.setdefault(whole, signature(place))
        file = File(content, mode_of(place))
        if is_file(self.legacy.folder, path):
            own = replace(file, content=read_file(self.legacy.folder, path))
            file = with_line_ends(own, file)
            if file == own:
                self.files.pop(whole, None)
                return
        self.files[whole] = file

    def content(self, path: str) -> bytes:
        """Return a file of the folder as it will be, as far as that is planned."""
        planned = self.files.get(f"{self.legacy.before}/{path}")
        return planned.content if planned else read_file(self.legacy.folder, path)

    def has(self, path: str) -> bool:
        """Tell whether a file of the folder is there, or will be."""
        whole = f"{self.legacy.before}/{path}"
        return whole in self.files or is_file(self.legacy.folder, path)

    def modules(self) -> dict[str, bytes]:
        """Return the folder's Python files, as they will be."""
        return {path: self.content(path) for path in self.legacy.sources}

    def kinds(self) -> dict[str, str]:
        """Return added or changed for each file, by its path after the renaming, sorted."""
        kinds = {}
        for path in sorted(self.files):
            there = os.path.lexists(self.legacy.top / path)
            kinds[self.legacy.moved(path)] = "changed" if there else "added"
        return kinds

    def refuse(self) -> None:
        """Raise Failed where they cannot be written: through links, over what is not committed."""
        refuse_links(self.legacy.top, self.files)
        if any(path.startswith(f"{self.legacy.before}/") for path in self.files) and uncommitted(
            self.legacy.folder, "."
        ):
            raise Failed(
                f"{self.legacy.before} has uncommitted changes: commit or stash them first"
            )

    def write(self) -> None:
        """Write them and rename the folder."""
        added = {path: file.content for path, file in self.files.items() if not self.seen[path]}
        for path, content in checked_out(self.legacy.top, added).items():
            self.files[path] = replace(self.files[path], content=content)
        rename = self.legacy.rename if self.legacy.renamed else None
        write_all(Place.of(self.legacy.repository), self.legacy.top, self.files, self.seen, rename)

    def diff(self) -> bytes:
        """Return them as git shows them, the renamed files among them."""
        top = self.legacy.top
        listed = git(top, "ls-files", "-z", "--", f":(literal){self.legacy.before}").split(b"\0")
        paths = {*self.files, *(os.fsdecode(path) for path in listed if path)}
        before = {path: file for path in sorted(paths) if (file := File.read(top / path))}
        before |= self._stored({path: before[path] for path in self.files if path in before})
        after = {**before, **self._stored(self.files)}
        return diff(before, {self.legacy.moved(path): file for path, file in after.items()})

    def _stored(self, files: Mapping[str, File]) -> dict[str, File]:
        """Return files as git stores them: that is what a patch is for."""
        contents = stored(self.legacy.top, {path: file.content for path, file in files.items()})
        return {path: replace(file, content=contents[path]) for path, file in files.items()}
