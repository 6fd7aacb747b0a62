"""The rendered Dockerfile, unchanged, builds on each family of base images and its image runs.

Docker is a real one (standins/docker.py). The bases are stand-ins with the published ones' contract
and name (standins/base_image.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from csa.dockerignore import literal, may_change_image
from csa.packages import is_test

from tests.support.commands import BIN, ROOT, commit_all, git, run
from tests.support.legacy_runs import copy_case
from tests.support.monorepo import copy
from tests.support.package import NEWEST, OLD_DOCKERIGNORE, Render
from tests.support.standins.docker import BuildError, Docker
from tests.support.standins.tenant import Tenant

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("images")]

BASES = {"wolfi": "8.5.0", "chainguard": "9.10.3", "newest": NEWEST}
"""A release of pyatlan for each name that Atlan's base image has had."""

ODD = {"rates [2024]*.csv", "a\\?.csv", "x (1)/a+{b}|^$.csv", "x\n!**", " y.csv"}
"""Names that would mean something else in a .dockerignore, or more."""

IN = ODD | {
    "__init__.py", "main.py", "requirements.txt", "version.txt",
    "lookup/__init__.py", "lookup/names.py", "lookup/deep/er.py", "lib/naming.py", "latest.py",
    "queries/assets.sql", "lookup/data/names.csv",
}  # fmt: skip
"""Modules at any depth, and the data that the package's own lines in .dockerignore name."""

OWN_LINES = "!queries/*.sql\n!lookup/data/*.csv\n" + "".join(f"!{literal(name)}\n" for name in ODD)

SENTINEL = b"sentinel-that-no-image-may-hold"
OUT = [
    # Secrets and data that nobody has named
    ".env", ".env.local", ".env.py", "lookup/.env.py", "id_rsa", "creds.json", "notes.md",
    "queries/notes.txt", "queries/old/assets.sql", "lookup/data/names.json", "data/names.csv",
    "rates 2x.csv", "a\\b.csv", "x 1/a+b.csv",
    # Tests
    "conftest.py", "test_names.py", "tests/secrets.py", "tests/vcr_cassettes/a.yaml",
    "lookup/conftest.py", "lookup/test_names.py", "lookup/tests/helpers.py",
    "lookup/tests/deep/er/helpers.py",
    # Virtual environments, builds, other tools' folders
    ".venv/pyvenv.cfg", ".venv/lib/python3.13/site-packages/six.py", ".venv/lib/module.py",
    "venv/pyvenv.cfg", "venv/bin/activate_this.py", "venv/lib/python3.11/site-packages/a/b.py",
    "env/lib/python3.11/os.py", "lookup/e/bin/jp.py", "windows/Lib/site-packages/six.py",
    "build/lib/x.py", "build/x.py", ".git/hooks/x.py", ".nox/a/b/c.py",
]  # fmt: skip


@dataclass(frozen=True)
class Image:
    tag: str
    base: str
    pyatlan: str


def plant(context: Path) -> None:
    """Have a package grow modules and data, and all that must stay out of its image."""
    for name in IN - {"__init__.py", "main.py", "requirements.txt", "version.txt"}:
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text("")
    for name in OUT:
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_bytes(SENTINEL)
    with (context / ".dockerignore").open("a") as ignore:
        ignore.write(OWN_LINES)
    with (context / "main.py").open("a") as main:
        main.write("import new_pkg.lookup.deep.er\n")


@pytest.fixture(scope="module", params=BASES)
def image(
    request: pytest.FixtureRequest,
    docker: Docker,
    template: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Image:
    """The image of a package that has grown."""
    pyatlan = BASES[request.param]
    root = tmp_path_factory.mktemp(request.param)
    context = copy(template, root / "scripts" / "new_pkg", pyatlan_version=pyatlan)
    plant(context)
    image = Image(f"new-pkg:{request.param}", docker.ensure_base(context), pyatlan)
    docker.build(context, image.tag)
    return image


def added(docker: Docker, image: Image) -> Iterator[tuple[str, bytes]]:
    """Yield the files in the image's own layers, above its base's; none may hold a secret."""
    base = docker.layer_ids(image.base)
    assert docker.layer_ids(image.tag)[: len(base)] == base
    for layer, path, content in docker.layers(image.tag):
        assert SENTINEL not in content, path
        if layer and layer not in base:
            yield path, content


def in_app(paths: Iterable[str]) -> list[str]:
    return sorted(path.removeprefix("app/") for path in paths if path.startswith("app/"))


def test_the_image_runs_as_argo_runs_it(docker: Docker, image: Image, tmp_path: Path) -> None:
    input_file = tmp_path / "assets.csv"
    input_file.write_text("qualified_name\ndefault/a\ndefault/b\n")
    command = ("python", "-m", "new_pkg.main", "--user-id=", "--input-file=/tmp/assets.csv")
    with Tenant() as tenant:
        tenant.add("Table", "a", "default/a")
        mounted = {input_file: "/tmp/assets.csv"}
        ran = docker.run(image.tag, *command, env=tenant.environment, volumes=mounted)
        assert ran.returncode == 0, ran.stderr
        assert "1 found, 1 missing." in ran.stderr
        assert tenant.writes == []


def test_the_image_answers_help_and_runs_as_nonroot(docker: Docker, image: Image) -> None:
    helped = docker.run(image.tag, "python", "-m", "new_pkg.main", "--help")
    assert helped.returncode == 0, helped.stderr
    assert "usage: " in helped.stdout
    script = "import os, new_pkg.lookup.names; print(os.getuid(), os.getcwd())"
    assert docker.run(image.tag, "python", "-c", script).stdout.split() == ["65532", "/app"]


def test_without_a_command_the_script_starts(docker: Docker, image: Image) -> None:
    ran = docker.run(image.tag)
    assert "the following arguments are required: --user-id, --input-file" in ran.stderr


def test_the_sdk_is_the_chosen_one_and_byte_compiled(docker: Docker, image: Image) -> None:
    script = (
        "import importlib.metadata as m, importlib.util as u, os\n"
        "modules = ('pyatlan.model.assets', 'opentelemetry.sdk._logs')\n"
        "print(m.version('pyatlan'), *(os.path.exists(u.find_spec(n).cached) for n in modules))"
    )
    ran = docker.run(image.tag, "python", "-c", script)
    assert ran.stdout.split() == [image.pyatlan, "True", "True"], ran.stderr


def test_no_layer_holds_a_secret_a_test_or_anything_that_is_not_needed(
    docker: Docker, image: Image
) -> None:
    paths = [path for path, _ in added(docker, image)]
    assert in_app(paths) == sorted(f"new_pkg/{name}" for name in IN)
    assert not any(map(is_test, in_app(paths)))
    ignored = (ROOT / "template" / "package" / ".dockerignore").read_text() + OWN_LINES
    assert all(may_change_image(path, ignored) for path in IN)
    # Besides the package: what uv installs, its lock, the byte code of that and of Python itself.
    besides = {
        path
        for path in paths
        if not re.match(
            r"app/|usr/local/bin/|usr/local/lib/python3\.11/dist-packages/"
            r"|usr/lib/python3\.11/(.+/)?__pycache__/[^/]+\.pyc$|tmp/uv-\w+\.lock$",
            path,
        )
    }
    assert besides == {"tmp/requirements.txt"}


def test_the_image_says_what_it_is(docker: Docker, image: Image) -> None:
    config = docker.config(image.tag)
    assert config["User"] == "nonroot"
    assert config["Cmd"] == ["python", "-m", "new_pkg.main"]
    assert "PYTHONPATH=/app" in config["Env"]
    labels = config["Labels"]
    assert labels["org.opencontainers.image.title"] == "new-pkg"
    assert labels["org.opencontainers.image.description"].startswith("Looks up the assets")


# --- Builds that fail, and builds that would hold too much ---------------------------------------


@pytest.fixture
def package(docker: Docker, render: Render, tmp_path: Path) -> Path:
    """A package with the newest pyatlan, whose base is there."""
    package = render(tmp_path / "scripts" / "new_pkg", pyatlan_version=NEWEST)
    docker.ensure_base(package)
    return package


def failure(docker: Docker, package: Path) -> str:
    """Return what a build that fails prints, without the command that failed."""
    with pytest.raises(BuildError) as raised:
        docker.build(package, "new-pkg:broken")
    return "\n".join(re.findall(r"^#\d+ [\d.]+ (.*)$", str(raised.value), re.MULTILINE))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("# What this script", "pyatlan==8.5.1\n#", f"pyatlan is 8.5.1, not {NEWEST}"),
        (">=1.38.0,<1.39", ">=1.39", "pyatlan cannot export logs"),
    ],
)
def test_a_requirement_that_breaks_the_platform_breaks_the_build(
    docker: Docker, package: Path, old: str, new: str, sentence: str
) -> None:
    requirements = package / "requirements.txt"
    assert old in requirements.read_text()
    requirements.write_text(requirements.read_text().replace(old, new))
    assert sentence in failure(docker, package)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("import new_pkg.tests.conftest", "No module named 'new_pkg.tests'"),
        ("import not_in_requirements", "No module named 'not_in_requirements'"),
    ],
)
def test_a_module_that_is_missing_breaks_the_build_which_says_what_to_do(
    docker: Docker, package: Path, line: str, error: str
) -> None:
    with (package / "main.py").open("a") as main:
        main.write(f"{line}\n")
    printed = failure(docker, package)
    assert error in printed
    assert (
        "main.py cannot be imported in the image: if a module is missing, look at "
        "requirements.txt and .dockerignore, and build with Docker 23 or newer." in printed
    )


def test_the_old_dockerignore_let_tests_in_so_these_tests_would_see_them(
    docker: Docker, package: Path
) -> None:
    plant(package)
    (package / ".dockerignore").write_text(OLD_DOCKERIGNORE + OWN_LINES)
    docker.build(package, "new-pkg:leaking")
    image = Image("new-pkg:leaking", docker.ensure_base(package), NEWEST)
    with pytest.raises(AssertionError, match="^app/new_pkg/"):
        list(added(docker, image))


# --- An adopted script ---------------------------------------------------------------------------


def test_an_adopted_script_with_a_module_of_its_own_builds_and_runs(
    docker: Docker, template: Path, tmp_path: Path
) -> None:
    copy_case("starred-models", tmp_path / "scripts" / "starred-models")
    git(tmp_path, "init", "--quiet")
    commit_all(tmp_path, "A script")
    adopt = ("adopt", "scripts/starred-models", "--template", template)
    run(BIN / "csa", *adopt, cwd=tmp_path, code=None)
    package = tmp_path / "scripts" / "starred_models"
    image = Image("starred-models", docker.ensure_base(package), NEWEST)
    docker.build(package, image.tag)
    assert in_app(path for path, _ in added(docker, image)) == [
        "starred_models/__init__.py",
        "starred_models/main.py",
        "starred_models/names.py",
        "starred_models/requirements.txt",
        "starred_models/version.txt",
    ]
    helped = docker.run(image.tag, "python", "-m", "starred_models.main", "--help")
    assert "--kind" in helped.stdout, helped.stderr
