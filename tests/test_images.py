"""The rendered Dockerfile, unchanged, builds on each family of base images and its image runs.

The bases are stand-ins with the published ones' contract and name (standins/base_image.py).
The .dockerignore is read for buildah as BuildKit reads it: see _without_wildcards there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import NEWEST, ROOT, Render, missing_here
from .standins.base_image import Buildah, BuildError, unavailable_reason
from .standins.tenant import Tenant

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("images")]

FAMILIES = {"wolfi": "8.5.0", "chainguard": NEWEST}
SENTINEL = b"sentinel-that-no-image-may-hold"


@pytest.fixture(scope="session")
def buildah() -> Buildah:
    if reason := unavailable_reason():
        missing_here(reason)
    return Buildah(ROOT / ".cache" / "images")


@dataclass(frozen=True)
class Image:
    tag: str
    pyatlan: str


@pytest.fixture(params=FAMILIES)
def image(
    request: pytest.FixtureRequest, buildah: Buildah, render: Render, tmp_path: Path
) -> Image:
    """The image of a package that has grown a module, and holds what must stay out."""
    family, pyatlan = request.param, FAMILIES[request.param]
    context = render(tmp_path / "scripts" / "new_pkg", pyatlan_version=pyatlan)
    buildah.ensure_base(context)
    (context / "lookup").mkdir()
    (context / "lookup" / "__init__.py").write_text("")
    (context / "lookup" / "names.py").write_text("KNOWN = True\n")
    with (context / "main.py").open("a") as main:
        main.write("import new_pkg.lookup.names\n")
    for name in (".env", ".env.local", "credentials.json", "notes.md", "tests/secrets.py",
                 ".venv/lib/module.py", "lookup/tests/test_names.py", "lookup/.env.py"):  # fmt: skip
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_bytes(SENTINEL)
    tag = f"localhost/new-pkg:{family}"
    buildah.build(context, tag)
    return Image(tag, pyatlan)


def test_the_image_runs_as_argo_runs_it(buildah: Buildah, image: Image, tmp_path: Path) -> None:
    input_file = tmp_path / "assets.csv"
    input_file.write_text("qualified_name\ndefault/a\ndefault/b\n")
    command = ("python", "-m", "new_pkg.main", "--user-id=", "--input-file=/tmp/assets.csv")
    with Tenant() as tenant:
        tenant.add("Table", "a", "default/a")
        mounted = {input_file: "/tmp/assets.csv"}
        ran = buildah.run(image.tag, *command, env=tenant.environment, volumes=mounted)
        assert ran.returncode == 0, ran.stderr
        assert "1 found, 1 missing." in ran.stderr
        assert tenant.writes == []


def test_the_image_answers_help_and_holds_the_whole_package_for_nonroot(
    buildah: Buildah, image: Image
) -> None:
    helped = buildah.run(image.tag, "python", "-m", "new_pkg.main", "--help")
    assert helped.returncode == 0, helped.stderr
    assert "usage: " in helped.stdout
    script = "import os, new_pkg.lookup.names; print(os.getuid(), os.getcwd())"
    assert buildah.run(image.tag, "python", "-c", script).stdout.split() == ["65532", "/app"]


def test_without_a_command_the_script_starts(buildah: Buildah, image: Image) -> None:
    ran = buildah.run(image.tag)
    assert "the following arguments are required: --user-id, --input-file" in ran.stderr


def test_the_sdk_is_the_chosen_one_and_byte_compiled(buildah: Buildah, image: Image) -> None:
    script = (
        "import importlib.metadata as m, importlib.util as u, os\n"
        "modules = ('pyatlan.model.assets', 'opentelemetry.sdk._logs')\n"
        "print(m.version('pyatlan'), *(os.path.exists(u.find_spec(n).cached) for n in modules))"
    )
    ran = buildah.run(image.tag, "python", "-c", script)
    assert ran.stdout.split() == [image.pyatlan, "True", "True"], ran.stderr


def test_no_layer_holds_a_secret_a_test_or_a_cassette(buildah: Buildah, image: Image) -> None:
    names = []
    for name, content in buildah.layers(image.tag):
        assert SENTINEL not in content, name
        names += [name.partition("/app/")[2] or name.partition("app/")[2]]
    # What is looked for would be found where it is: the package's own files are there, no others.
    assert {name for name in names if name.startswith("new_pkg/")} == {
        "new_pkg/__init__.py",
        "new_pkg/lookup/__init__.py",
        "new_pkg/lookup/names.py",
        "new_pkg/main.py",
        "new_pkg/requirements.txt",
        "new_pkg/version.txt",
    }


def test_the_image_says_what_it_is(buildah: Buildah, image: Image) -> None:
    config = buildah.config(image.tag)
    assert config["User"] == "nonroot"
    assert config["Cmd"] == ["python", "-m", "new_pkg.main"]
    assert "PYTHONPATH=/app" in config["Env"]
    labels = config["Labels"]
    assert labels["org.opencontainers.image.title"] == "new-pkg"
    assert labels["org.opencontainers.image.description"].startswith("Looks up the assets")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("# What this script", "pyatlan==8.5.1\n#", f"pyatlan is 8.5.1, not {NEWEST}"),
        (">=1.38.0,<1.39", ">=1.39", "pyatlan cannot export logs"),
    ],
)
def test_a_requirement_that_breaks_the_platform_breaks_the_build(
    buildah: Buildah, render: Render, tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    package = render(tmp_path / "new_pkg", pyatlan_version=NEWEST)
    buildah.ensure_base(package)
    requirements = package / "requirements.txt"
    assert old in requirements.read_text()
    requirements.write_text(requirements.read_text().replace(old, new))
    with pytest.raises(BuildError, match=sentence):
        buildah.build(package, "localhost/new-pkg:broken")


def test_a_module_that_is_missing_breaks_the_build(
    buildah: Buildah, render: Render, tmp_path: Path
) -> None:
    package = render(tmp_path / "new_pkg", pyatlan_version=NEWEST)
    buildah.ensure_base(package)
    with (package / "main.py").open("a") as main:
        main.write("import new_pkg.tests.conftest\n")
    with pytest.raises(BuildError, match="No module named 'new_pkg.tests'"):
        buildah.build(package, "localhost/new-pkg:broken")
