"""What a package tells csa in its pyproject.toml."""

from __future__ import annotations

from pathlib import Path

import pytest
from csa.check import check

from tests.check.rows.changes import NEW_REQUIREMENT
from tests.check.test_check import found, write


def ignoring(package: Path, *lines: str) -> None:
    write(package, {"pyproject.toml": "+\n[tool.csa.ignore]\n" + "\n".join(lines) + "\n"})


@pytest.mark.parametrize(
    "settings",
    [
        '[tool.csa]\nignore.CSA502 = "Why."\n',
        '[tool.csa]\nignore = {"CSA502" = "Why."}\n',
        '# CSA503\r\n[tool.csa.ignore]\r\nCSA502 = """\r\nWhy.\r\n"""\r\n',
    ],
)
def test_a_rule_is_ignored_in_any_form_that_toml_has(package: Path, settings: str) -> None:
    write(package, {"requirements.txt": NEW_REQUIREMENT, "pyproject.toml": f"+\n{settings}"})
    assert check(package) == []


def test_a_rule_is_ignored_with_a_reason(package: Path) -> None:
    write(package, {"requirements.txt": NEW_REQUIREMENT})
    ignoring(package, 'CSA502 = "A plugin, found by its entry point."')
    assert check(package) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('CSA502 = ""', "CSA502 is ignored without a reason"),
        ("CSA502 = true", "CSA502 is ignored without a reason"),
        ('CSA999 = "Why."', "there is no rule CSA999. "),
        ('csa502 = "Why."', "there is no rule csa502: write CSA502. "),
        ('CSA503 = "Why."', "CSA503 no longer finds anything here: delete the line"),
        ('CSA100 = "Why."', "CSA100 cannot be ignored"),
    ],
)
def test_a_rule_is_not_ignored_without_a_reason_or_a_need(
    package: Path, line: str, says: str
) -> None:
    write(package, {"requirements.txt": NEW_REQUIREMENT})
    ignoring(package, line)
    [(path, number, text)] = found(package, "CSA100")
    assert (path, number) == ("pyproject.toml", 39)
    assert says in text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('pyatlan_version = ""', "pyatlan_version is kept without a reason. "),
        ('description = "Why."', "description cannot be kept: write pyatlan_version. "),
        ('pyatlan_version = "Why."', None),
    ],
)
def test_an_answer_is_kept_with_a_reason(package: Path, line: str, says: str | None) -> None:
    write(package, {"pyproject.toml": f"+\n[tool.csa.keep]\n{line}\n"})
    findings = [
        (path, text.partition(". ")[0] + ". ") for path, _, text in found(package, "CSA100")
    ]
    assert findings == ([("pyproject.toml", says)] if says else [])


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("[tool", "it is not TOML: "),
        ("a = " + "[" * 9000, "it is not TOML: "),
        ("tool.csa.ignore = 3\n", "write [tool.csa.ignore]"),
        ("tool = 3\n", "write [tool.csa.ignore]"),
        ("[tool.csa.ignores]\nCSA502 = 'Why.'\n", "write [tool.csa.ignore]"),
        ("[tool.csa]\nCSA502 = 'Why.'\n", "write [tool.csa.ignore]"),
        ("[tool.csa]\nkeep = 'Why.'\n", "write [tool.csa.keep]"),
        ("\ufeff[tool.csa.ignore]\nCSA502 = 'Why.'\n", "it is not TOML: "),
        (b"[tool.csa.ignore]\nCSA502 = '\xff'\n", "it is not TOML: "),
    ],
)
def test_settings_that_cannot_be_read_are_said_and_ignore_nothing(
    package: Path, settings: str | bytes, says: str
) -> None:
    write(package, {"pyproject.toml": settings, "requirements.txt": NEW_REQUIREMENT})
    first, second = check(package)
    assert (first.rule, first.path, second.rule) == ("CSA100", "pyproject.toml", "CSA502")
    assert first.text.startswith(says)
