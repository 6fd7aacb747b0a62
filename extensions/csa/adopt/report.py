"""What csa adopt did, or would, and what is left to a person."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..source.edits import ChangedLines


@dataclass(frozen=True)
class ManualStep:
    """What is left to do by hand: a file below the repository's top, a line or 0, and what to do."""

    path: str
    line: int
    text: str


@dataclass
class Adoption:
    """What became of a legacy script, or would.

    `folder` and `package` are the folder before and after, `main` says of main.py: refactored, left
    or conforms. `pyatlan` is the release that the package has, `sdk_changes` the lines that were
    changed to fit it. `files` has added or changed by path, `rewritten` the lines of other files that
    named the old folder, as path:line, before and after, `mentions` the other lines that have its
    name, `kept` the files that were there and stay. `requirements` has each line added with the import
    that it is for, `changed_requirements` the new line for each of its own that changes, "" for one
    that goes, `data` each data file with the line that names it. `notes` are for everybody to read.
    All paths are below the repository's top, as they are afterwards. The diff is made only when
    nothing is written.
    """

    folder: str
    package: str
    main: str = ""
    pyatlan: str = ""
    files: dict[str, str] = field(default_factory=dict)
    rewritten: list[tuple[str, str, str]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    requirements: dict[str, str] = field(default_factory=dict)
    changed_requirements: dict[str, str] = field(default_factory=dict)
    data: dict[str, str] = field(default_factory=dict)
    sdk_changes: list[ChangedLines] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)
    manual_steps: list[ManualStep] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    diff: bytes = b""

    @property
    def result(self) -> str:
        """action_needed where there are manual steps, else adopted, or current where nothing changes."""
        if self.manual_steps:
            return "action_needed"
        return "adopted" if self.files or self.folder != self.package else "current"
