"""The rendered files hold up to the tools that their readers use."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.support.commands import BIN, git, missing_here, run, tree
from tests.support.monorepo import init
from tests.support.package import Render

VARIANTS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "no HTTP, Wolfi": {"third_party_http": False, "pyatlan_version": "8.0.1"},
    "skeleton": {"example": False},
    "longest name": {"package_name": "x" * 50, "description": "x" * 200},
    "shortest name": {"package_name": "a", "description": "a"},
    "any text": {"description": "Réconcilie l'inventaire: 5% <b> {{ x }} `#1` 'all'"},
}


@pytest.fixture(params=list(VARIANTS.values()), ids=list(VARIANTS))
def package(request: pytest.FixtureRequest, render: Render, tmp_path: Path) -> Path:
    answers = dict(request.param)
    name = answers.pop("package_name", "new_pkg")
    return render(tmp_path / "scripts" / name, **answers)


def test_python_is_linted_and_formatted(package: Path) -> None:
    # From the package's folder and from the monorepo's root, with no settings of ours.
    for folder in (package, package.parents[1]):
        run(BIN / "ruff", "check", "--no-cache", ".", cwd=folder)
        run(BIN / "ruff", "format", "--no-cache", "--check", ".", cwd=folder)
    run(BIN / "ruff", "check", "--no-cache", "--target-version=py39", package)


def test_the_dockerfile_is_linted(package: Path) -> None:
    run(BIN / "hadolint", package / "Dockerfile")


KEYS = (
    *(".env", ".env.local", "prod.env", "id_rsa", "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519_sk"),
    *("a.key", "a.pem", "A.PEM", "A.KEY", "a.p12", "a.P12", "a.pfx", "a.PFX", "a.p8", "a.ppk", "a.PPK"),
    *("a.jks", "a.JKS", "a.keystore", ".netrc", "_netrc", ".npmrc", ".pypirc"),
)


def test_git_passes_over_files_with_a_key_s_usual_name(render: Render, tmp_path: Path) -> None:
    package = render(tmp_path / "scripts" / "new_pkg")
    init(package.parents[1])
    for folder in (package, package / "tests"):
        for name in (*KEYS, "keys.py"):
            (folder / name).touch()
    assert git(package, "status", "--porcelain", "-uall").split()[1::2] == [
        "scripts/new_pkg/keys.py",
        "scripts/new_pkg/tests/keys.py",
    ]


def test_every_requirement_has_a_range(package: Path) -> None:
    lines = [
        line
        for name in ("requirements.txt", "requirements-test.txt")
        for line in (package / name).read_text().splitlines()
        if line and not line.startswith("#")
    ]
    for requirement in map(Requirement, lines):
        operators = {specifier.operator for specifier in requirement.specifier}
        assert operators in ({">=", "<"}, {"=="}), requirement
    assert not any(line.startswith("pyatlan") for line in (package / "requirements.txt")
                   .read_text().splitlines())  # fmt: skip


def test_no_trace_of_the_template_is_left(package: Path) -> None:
    for name, content in tree(package).items():
        if name != ".copier-answers.yml":
            assert not re.search(rb"\{%|%\}|\{#|jinja|copier", content, re.IGNORECASE), name
            assert b"{{" not in content.replace(b"{{ x }}", b""), name


def test_snyk_s_own_parser_reads_the_policy(render: Render, tmp_path: Path) -> None:
    if not shutil.which("npm"):
        missing_here("Snyk's parser is an npm package, and there is no npm here.")
    package = render(tmp_path / "new_pkg")
    parser = tmp_path / "parser"
    parser.mkdir()
    run("npm", "install", "--silent", "--no-audit", "--no-fund", "snyk-policy@5", cwd=parser)
    script = f"""
    import('snyk-policy').then(async (snyk) => {{
      const load = snyk.load ?? snyk.default.load;
      const policy = await load({json.dumps(str(package))});
      console.log(JSON.stringify(policy.ignore));
    }});
    """
    ignored = json.loads(run("node", "-e", script, cwd=parser).stdout)
    [rule] = ignored["snyk:lic:pip:certifi:MPL-2.0"]
    assert rule["*"]["reason"]
    # An expired policy ignores nothing: each year the template moves the date.
    assert datetime.fromisoformat(rule["*"]["expires"].replace("Z", "+00:00")) > datetime.now(
        timezone.utc
    )


@pytest.mark.slow
def test_editors_find_the_package_by_its_name(render: Render, tmp_path: Path) -> None:
    if not shutil.which("npm"):
        missing_here("pyright is an npm package, and there is no npm here.")
    tool = tmp_path / "tool"
    tool.mkdir()
    run("npm", "install", "--silent", "--no-audit", "--no-fund", "pyright@1.1", cwd=tool)
    package = render(tmp_path / "scripts" / "new_pkg")
    pyright = tool / "node_modules" / ".bin" / "pyright"

    def unresolved() -> str:
        return run(pyright, "--outputjson", cwd=package, code=None).stdout

    assert 'Import \\"pyatlan.client.atlan\\" could not be resolved' in unresolved()
    assert "new_pkg" not in "".join(re.findall(r'Import \\"(.*?)\\" could not', unresolved()))
    settings = package / "pyproject.toml"
    settings.write_text(settings.read_text().replace('extraPaths = [".."]', ""))
    assert 'Import \\"new_pkg.main\\" could not be resolved' in unresolved()
