"""What a script needs of pyatlan is held against the release itself, by a real type checker."""

from __future__ import annotations

import multiprocessing
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from csa.errors import Unavailable
from csa.sdk import breaks, choice
from csa.sdk.breaks import (
    MOST_TOGETHER,
    Break,
    Breaks,
    Sources,
    breaks_of,
    find_breaks,
    newly_broken,
)
from csa.sdk.changes import CHANGES, Change, change_of
from csa.sdk.choice import choose_release, last_fitting
from csa.sdk.environments import NoSuchRelease, environment, newest_release
from csa.sdk.type_checker import RULES, run_ty
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from tests.support.commands import ROOT
from tests.support.package import NEWEST, Render
from tests.support.sampling import sampled

IMPORTS = """\
from pyatlan.cache.role_cache import RoleCache
from pyatlan.client.atlan import AtlanClient
from pyatlan.model.packages import SnowflakeCrawler
"""
OLD_SCRIPT = f"""{IMPORTS}

def run(client: AtlanClient):
    RoleCache.get_id_for_name("$admin")
    client.workflow.run(SnowflakeCrawler)
"""

CACHE_ALONE = "".join(
    line
    for line in OLD_SCRIPT.splitlines(keepends=True)
    if "packages" not in line and "workflow" not in line
)


def script(text: str | bytes = OLD_SCRIPT, name: str = "new_pkg") -> Sources:
    return Sources(name, {"main.py": text.encode() if isinstance(text, str) else text}, "3.11")


def told(text: str, release: str = NEWEST) -> list[tuple[int, str]]:
    return [(one.line, one.text) for one in breaks_of(script(text), release)]


def listed(found: Breaks) -> list[Break]:
    """What breaks, where that could be told."""
    assert isinstance(found, list)
    return found


# --- What breaks ----------------------------------------------------------------------------------


def test_a_script_for_an_old_sdk_is_named_line_by_line() -> None:
    removed = "(since 11.0.0: removed, newer tenants have client.app instead)"
    cache = "(since 6.0.0: call client.role_cache.get_id_for_name(…) instead)"
    assert told(OLD_SCRIPT) == [
        (3, f"pyatlan {NEWEST} has no module pyatlan.model.packages {removed}"),
        (7, f"RoleCache.get_id_for_name needs name in pyatlan {NEWEST} {cache}"),
        (8, f"AtlanClient.workflow is not in pyatlan {NEWEST} {removed}"),
    ]


def test_the_page_on_the_check_shows_what_it_says() -> None:
    lines = [f"main.py:{line}: {text}\n" for line, text in told(OLD_SCRIPT)]
    assert lines[1] in (ROOT / "docs" / "sdk.md").read_text()


def test_what_an_upgrade_breaks_is_what_did_not_break_before() -> None:
    broken, good = newly_broken([script(), script("import pyatlan\n", "good")], "10.0.0", NEWEST)
    assert [one.line for one in listed(broken)] == [3, 8]
    assert good == []


def test_an_old_release_that_never_existed_explains_nothing() -> None:
    [broken] = newly_broken([script()], "99.0.0", NEWEST)
    assert [one.line for one in listed(broken)] == [3, 7, 8]


def test_many_scripts_are_checked_together_each_with_its_own_modules() -> None:
    uses = "from {0}.client import CLIENT\nCLIENT.workflow\nCLIENT.asset\n"
    makes = b"from pyatlan.client.atlan import AtlanClient\nCLIENT = AtlanClient()\n"
    other = b"CLIENT = None  # pyatlan\n"
    scripts = [
        Sources("one", {"main.py": uses.format("one").encode(), "client.py": makes}, "3.11"),
        Sources("two", {"main.py": uses.format("two").encode(), "client.py": other}, "3.11"),
        # Of the same name, as in another folder; and for another Python.
        Sources("one", {"main.py": uses.format("one").encode(), "client.py": other}, "3.11"),
        Sources("one", {"main.py": uses.format("one").encode(), "client.py": makes}, "3.13"),
        Sources("none", {"main.py": b"import os\nos.nothing\n"}, "3.11"),
    ]
    found = find_breaks(scripts, NEWEST)
    assert [[(one.path, one.line) for one in listed(broken)] for broken in found] == [
        [("main.py", 2)],
        [],
        [],
        [("main.py", 2)],
        [],
    ]


def test_answers_of_others_name_no_file_and_no_option(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    text = b"import pyatlan\nimport pyatlan.nothing\n"
    names = (str(outside), "../../outside", "", "a" * 300)
    for name, python in zip(names, ("3.11", "--fix", "3.13;x", "3.11"), strict=True):
        [found] = breaks_of(Sources(name, {"main.py": text}, python), NEWEST)
        assert (found.path, found.line) == ("main.py", 2)
    assert not outside.exists()


def test_a_script_that_the_type_checker_does_not_survive_hides_nobody_s() -> None:
    long = "import pyatlan\nx = " + "+".join("1" * 60_000) + "\n"
    broken, good = find_breaks([script(), script(long, "long")], NEWEST)
    assert len(listed(broken)) == 3
    assert isinstance(good, Unavailable)


CREATOR = "from pyatlan.model.assets import Connection\nConnection.creator(name='x', connector_type='x')\n"


@pytest.mark.parametrize("release", [NEWEST, pytest.param("8.0.1", marks=pytest.mark.slow)])
def test_what_creates_assets_is_looked_at_behind_its_decorator(release: str) -> None:
    client = "(since 7.0.0: pass the client as the first argument)"
    assert told(CREATOR, release) == [
        (2, f"Connection.creator needs client in pyatlan {release} {client}")
    ]
    # All else of the decorator's module is as it is in the release.
    assert told("from pyatlan.utils import next_id, nothing\nnext_id()\n", release) == [
        (1, f"pyatlan.utils.nothing is not in pyatlan {release}")
    ]


DERIVED = """\
from pyatlan.client.atlan import AtlanClient
class Client(AtlanClient):
    def search(self): return self.nothing()
    def save(self): return super().nothing() or self.asset.save
    @classmethod
    def get(cls): return cls.nothing
class Other(Client):
    own: int = 1
    def nested(self): return [Client(base_url="").nothing, self.own, self.search]
class List(list): ...
List().nothing
"""


def test_what_a_class_of_ones_own_takes_from_pyatlan_is_looked_at() -> None:
    found = [text for _, text in told(DERIVED, NEWEST)]
    assert found == [f"AtlanClient.nothing is not in pyatlan {NEWEST}"] * 4
    assert [line for line, _ in told(DERIVED, NEWEST)] == [3, 4, 6, 9]


def test_of_hundreds_of_scripts_the_type_checker_gets_some_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    together = []

    def run(files: Mapping[str, bytes], *rest: Any, **more: Any) -> Any:
        together.append(len(files))
        return run_ty(files, *rest, **more)

    monkeypatch.setattr(breaks, "run_ty", run)
    source = "from pyatlan.nothing import nothing\n"
    scripts = [script(source, f"pkg_{number}") for number in range(MOST_TOGETHER + 1)]
    assert [len(listed(found)) for found in find_breaks(scripts, NEWEST)] == [1] * len(scripts)
    assert sorted(set(together)) == [1, MOST_TOGETHER]


def test_a_script_without_pyatlan_asks_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breaks, "environment", lambda requirement: 1 // 0)
    assert find_breaks([script("import os\n")], NEWEST) == [[]]


def test_the_rules_of_the_type_checker_are_still_called_so() -> None:
    """One of them that is renamed would find nothing any more."""
    text = (
        "import nothing\nfrom os import nowhere\n\n\ndef f(a):\n    pass\n\n\n"
        "f()\nf(1, 2)\nf(a=1, b=2)\nf.nothing\n"
    )
    found = run_ty({"main.py": text.encode()}, "3.11", [])
    assert {one.rule for one in found} == set(RULES)


def test_settings_of_the_type_checker_have_no_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_file = tmp_path / "ty" / "ty.toml"
    settings_file.parent.mkdir()
    settings_file.write_text("[src]\nexclude = ['**']\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("TY_CONFIG_FILE", str(settings_file))
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path))
    assert len(told(OLD_SCRIPT)) == 3


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.names)
def test_each_known_change_breaks_since_its_release_and_not_before(change: Change) -> None:
    def lines(release: str) -> list[str]:
        return [text for _, text in told(change.example, release)]

    assert lines(change.before) == []
    assert lines(change.since), change
    for text in lines(change.since):
        assert f"pyatlan {change.since} " in text
        assert f" (since {change.since}: " in text


def test_a_change_is_told_of_the_releases_that_have_it_alone() -> None:
    assert change_of("AtlanClient.workflow", "11.0.0")
    assert not change_of("AtlanClient.workflow", "10.0.0")
    assert not change_of("AtlanClient.asset", NEWEST)


@pytest.mark.parametrize(
    "release",
    [
        NEWEST,
        *(
            pytest.param(release, marks=pytest.mark.slow)
            for release in ("8.0.1", "8.5.0", "8.5.1", "9.10.3", "newest")
        ),
    ],
)
def test_nothing_of_a_rendered_package_breaks(render: Render, tmp_path: Path, release: str) -> None:
    if release == "newest":
        release = newest_release("999.0.0") or ""
    package = render(tmp_path / "new_pkg", pyatlan_version=release)
    files = {str(path.relative_to(package)): path.read_bytes() for path in package.rglob("*.py")}
    assert find_breaks([Sources("new_pkg", files, "3.11")], release) == [[]]


# --- Which release a script gets ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "required", "release", "lines"),
    sampled(
        [
            ("import pyatlan\n", None, NEWEST, []),
            ("import os\n", "7.1.0", NEWEST, []),
            (OLD_SCRIPT, "9.10.3", "9.10.3", [7]),
            # The caches break on every release with an image, and can be fixed; what is gone cannot.
            (OLD_SCRIPT, None, "10.0.0", [7]),
            (CACHE_ALONE, None, NEWEST, [6]),
            ("from pyatlan.model.packages import SnowflakeCrawler\n", "7.1.0", "10.0.0", []),
            # It came after 8.0.1, and went with 11.0.0.
            ("from pyatlan.model.structs import AssetV1ExternalDQTestRule\n", None, "10.0.0", []),
        ]
    ),
)
def test_a_script_gets_the_newest_release_on_which_nothing_breaks(
    text: str, required: str | None, release: str, lines: list[int]
) -> None:
    chosen = choose_release(script(text), required, NEWEST)
    assert (chosen.release, [one.line for one in chosen.breaks]) == (release, lines)
    assert ("is the newest release that has everything" in chosen.note) is (release == "10.0.0")


RELEASES = st.sets(
    st.tuples(*(st.integers(0, most) for most in (12, 99, 99))), min_size=2, max_size=60
)


@settings(max_examples=300, deadline=None)
@given(RELEASES, st.data())
def test_the_last_release_that_fits_is_found_without_trying_all(
    versions: set[tuple[int, int, int]], data: st.DataObject
) -> None:
    releases = [".".join(map(str, version)) for version in sorted(versions)]
    last = data.draw(st.integers(0, len(releases) - 2))
    tried: set[str] = set()

    def newest(most: str) -> str | None:
        return max((one for one in releases if Version(one) <= Version(most)), key=Version)

    def fits(release: str) -> bool:
        tried.add(release)
        return releases.index(release) <= last

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choice, "newest_release", newest)
        assert last_fitting(fits, releases[0], releases[-1]) == releases[last]
    assert len(tried) <= 24  # the logarithm of how many there could be


def test_a_release_between_others_is_found_in_the_index() -> None:
    assert newest_release("10.999.999") == "10.0.0"
    assert newest_release("0.0.1") is None


# --- Environments ---------------------------------------------------------------------------------


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's cache without an environment in it; what uv has downloaded stays."""
    cache = subprocess.run(["uv", "cache", "dir"], capture_output=True, text=True, check=True)
    monkeypatch.setenv("UV_CACHE_DIR", cache.stdout.strip())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "csa"


RELEASE = "pyatlan==8.5.1"


@pytest.mark.parametrize(
    "requirement",
    ["pyatlan==99.0.0", "pyatlan==9", "pyatlan==../../x", f"pyatlan=={'1' * 300}.0.0"],
)
def test_a_release_that_does_not_exist_is_said(empty_cache: Path, requirement: str) -> None:
    with pytest.raises(NoSuchRelease, match=r"does not exist|write X\.Y\.Z"):
        environment(requirement)


def test_without_a_network_nothing_is_claimed(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "nothing"))
    with pytest.raises(Unavailable, match=r"pyatlan 8\.5\.1 cannot be downloaded: .*refused"):
        environment(RELEASE)
    # Nor offline, where an old list of releases may be all that uv has.
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    monkeypatch.setenv("UV_OFFLINE", "1")
    for requirement in (RELEASE, "pyatlan==99.0.0"):
        with pytest.raises(Unavailable):
            environment(requirement)
    assert choose_release(script(), None, NEWEST).note.startswith("The SDK was not checked: ")


def test_an_environment_is_made_once_for_all_processes(empty_cache: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(4) as pool:
        folders = set(pool.map(environment, [RELEASE] * 4))
    assert folders == {empty_cache / "pyatlan-8.5.1"}
    assert (empty_cache / "pyatlan-8.5.1" / "pyatlan" / "version.txt").read_text() == "8.5.1\n"
    assert {path.name for path in empty_cache.iterdir()} == {"lock", "pyatlan-8.5.1"}
    # What a clean-up of temporary files left of it is not taken for it.
    shutil.rmtree(empty_cache / "pyatlan-8.5.1" / "pyatlan")
    (empty_cache / "pyatlan-8.5.1" / "complete").unlink()
    assert (environment(RELEASE) / "pyatlan" / "version.txt").is_file()


def test_settings_and_modules_of_a_repository_have_no_part_in_an_installation(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uv.toml").write_text("[[index]]\nurl = 'http://127.0.0.1:9/'\ndefault = true\n")
    (tmp_path / "pip.py").write_text("raise SystemExit('this code was run')\n")
    monkeypatch.chdir(tmp_path)
    assert (environment(RELEASE) / "pyatlan" / "version.txt").is_file()
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(Unavailable) as raised:
        environment("pyatlan==8.5.2")
    assert "this code was run" not in str(raised.value)


def test_what_a_kill_leaves_is_made_again(empty_cache: Path) -> None:
    making = f"from csa.sdk.environments import environment; environment('{RELEASE}')"
    with subprocess.Popen([sys.executable, "-c", making]) as process:
        wait_for(lambda: unfinished(empty_cache) or process.poll() is not None)
        process.send_signal(signal.SIGKILL)
    assert not (empty_cache / "pyatlan-8.5.1").exists()
    assert (environment(RELEASE) / "pyatlan" / "version.txt").is_file()


def unfinished(cache: Path) -> bool:
    return any(cache.glob("unfinished-*"))


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.mark.slow
def test_pip_does_it_where_there_is_no_uv(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert shutil.which("uv") is None
    assert (environment(RELEASE) / "pyatlan" / "version.txt").read_text() == "8.5.1\n"
    assert newest_release("10.999.999") == "10.0.0"
    with pytest.raises(NoSuchRelease):
        environment("pyatlan==99.0.0")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(Unavailable):
        environment("pyatlan==8.5.2")


def test_a_cache_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "csa").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(Unavailable, match=r"csa cannot be written: "):
        environment(RELEASE)
