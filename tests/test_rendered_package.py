"""A rendered package works: offline, against a tenant, from anywhere, for each SDK.

`install_package` renders and installs it as its index.md tells; these tests then run what a user
would. Releases on both sides of each change in the SDK are named in RELEASES.
"""

from __future__ import annotations

import base64
import csv
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from csa.check.tests import NOT_ITS_OWN
from csa.source.requirements import SDK
from werkzeug.serving import make_server

from .conftest import BIN, NEWEST, ROOT, InstallPackage, Package, Render, run, tree
from .standins.httpbin import HttpBin
from .standins.otlp import OtlpReceiver
from .standins.tenant import Tenant

RELEASES = ["8.0.1", "8.5.0", "8.5.1", "9.10.3", NEWEST]
"""The first with a base image; the last on Wolfi and the first on Chainguard; two recent ones."""

EVERY = [
    pytest.param(
        release,
        marks=[
            pytest.mark.xdist_group(release),
            *([] if release == NEWEST else [pytest.mark.slow]),
        ],
    )
    for release in RELEASES
]


@pytest.fixture(params=EVERY)
def package(request: pytest.FixtureRequest, install_package: InstallPackage) -> Package:
    """A package for each release."""
    return install_package(request.param)


@pytest.fixture(params=[pytest.param(NEWEST, marks=pytest.mark.xdist_group(NEWEST))])
def newest(request: pytest.FixtureRequest, install_package: InstallPackage) -> Package:
    """The package for the newest release."""
    return install_package(request.param)


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as tenant:
        yield tenant


# --- Its own tests -------------------------------------------------------------------------


def test_its_tests_pass_offline_and_say_what_a_tenant_needs(package: Package) -> None:
    # A proxy where nothing listens: a call that is not replayed cannot succeed.
    nowhere = {name: "http://127.0.0.1:9" for name in ("HTTP_PROXY", "HTTPS_PROXY")}
    shown = package.pytest("-W", "error::ResourceWarning", env=nowhere, anew=True).stdout
    assert re.search(r"\b3 passed, 2 skipped in", shown), shown
    assert "No tenant: set ATLAN_BASE_URL and ATLAN_API_KEY, or" in shown


def test_its_tests_pass_against_a_tenant_and_leave_nothing_there(
    package: Package, tenant: Tenant
) -> None:
    required = {**tenant.environment, "CSA_REQUIRE_TENANT": "1"}
    shown = package.pytest(env=required).stdout
    assert re.search(r"\b5 passed in", shown), shown
    assert tenant.assets == {}
    assert tenant.unknown == []


def test_its_tests_pass_with_an_impersonated_user(package: Package, tenant: Tenant) -> None:
    user = {**tenant.impersonation, "ATLAN_USER_ID": tenant.user_id}
    shown = package.pytest("tests/test_main.py", env=user).stdout
    assert re.search(r"\b3 passed in", shown), shown


def test_its_tests_pass_with_an_oauth_client(newest: Package, tenant: Tenant) -> None:
    shown = newest.pytest("tests/test_main.py", env=tenant.oauth).stdout
    assert re.search(r"\b3 passed in", shown), shown
    assert "/api/service/oauth-clients/token" in [request.path for request in tenant.requests]


def test_a_required_tenant_that_is_missing_is_a_failure(newest: Package) -> None:
    required = {"CSA_REQUIRE_TENANT": "1"}
    shown = newest.pytest("tests/test_main.py", env=required, code=1).stdout
    assert re.search(r"\b1 passed, 2 errors in", shown), shown
    assert "No tenant: set ATLAN_BASE_URL" in shown


def test_the_test_object_is_purged_when_a_test_fails(newest: Package, tenant: Tenant) -> None:
    with changed(newest.folder / "main.py", "def main(", "def main(args) -> None: 1 / 0\ndef _("):
        newest.pytest("tests/test_main.py", env=tenant.environment, code=1)
    methods = [request.method for request in tenant.requests]
    assert methods.count("DELETE") == 1
    assert tenant.assets == {}


def test_its_tests_can_fail(newest: Package, tenant: Tenant) -> None:
    with changed(newest.folder / "main.py", '"found" if name in found', '"found" if name'):
        shown = newest.pytest("tests/test_main.py", env=tenant.environment, code=1).stdout
    assert "test_main_functions" in shown
    assert "test_after_main" in shown


def test_csa_check_knows_what_the_sdk_imports_from_its_own(package: Package) -> None:
    shown = package.run("-c", "import pyatlan; print(*pyatlan.__path__)").stdout.strip()
    own: set[str] = set()
    imported: set[str] = set()
    for sdk in [Path(shown), Path(shown).with_name("pyatlan_v9")]:
        paths = [one for one in sdk.rglob("*.py") if "_overlays" not in one.parts]  # not Python
        for path in paths:
            own.update(path.relative_to(sdk).with_suffix("").parts)
            # To parse them all takes half a minute.
            imported.update(re.findall(r"(?m)^ *import (\w+)(?=[.\n]| as |  #)", path.read_text()))
            imported.update(re.findall(r"(?m)^ *from (\w+)[\w.]* import ", path.read_text()))
    assert imported - SDK <= NOT_ITS_OWN
    assert own & NOT_ITS_OWN == {"test_utils"}


@pytest.mark.slow
def test_its_tests_run_from_anywhere_and_two_packages_in_one_run(
    newest: Package, render: Render, tmp_path: Path
) -> None:
    scripts = tmp_path / "monorepo" / "scripts"
    shutil.copytree(newest.folder, scripts / "new_pkg")
    render(scripts / "other_pkg")
    for folder in (scripts.parent, scripts, tmp_path):
        shown = newest.pytest(scripts, cwd=folder).stdout
        assert re.search(r"\b6 passed, 4 skipped", shown), shown
    # With scripts/ itself a Python package, as where it is imported as scripts.new_pkg.
    (scripts / "__init__.py").touch()
    shown = newest.pytest("scripts", "--import-mode=importlib", cwd=scripts.parent).stdout
    assert re.search(r"\b6 passed, 4 skipped", shown), shown
    shown = newest.pytest("scripts", cwd=scripts.parent).stdout
    assert re.search(r"\b6 passed, 4 skipped", shown), shown


def test_its_tests_pass_in_a_folder_that_still_has_a_kebab_case_name(
    newest: Package, render: Render, tmp_path: Path
) -> None:
    folder = render(tmp_path / "asset-lookup")
    shown = newest.pytest(cwd=folder).stdout
    assert re.search(r"\b3 passed, 2 skipped in", shown), shown


def test_no_run_leaves_the_key_in_a_file(recording: Package, tenant: Tenant) -> None:
    folder = recording.folder
    variables = [f"{name}={value}" for name, value in tenant.environment.items()]
    (folder / ".env").write_text("\n".join(variables))
    # A recording of the Atlan client's own calls: the mark is easily set on a whole module.
    with (folder / "tests" / "test_main.py").open("a") as test_main:
        test_main.write(RECORDED_TENANT_TEST)
    recording.pytest("--junit-xml=report.xml", env={"CI": ""})
    assert tenant.assets == {}
    files = tree(folder)
    assert any(name.endswith("TestTenant.test_search.yaml") for name in files)
    assert [name for name in files if tenant.api_key.encode() in files[name]] == [".env"]


RECORDED_TENANT_TEST = """
from pyatlan.test_utils.base_vcr import BaseVCR


class TestTenant(BaseVCR):
    @pytest.mark.vcr()
    def test_search(self, client: "AtlanClient") -> None:
        assert find_assets(client, ["default/a"]) == set()
"""


def test_a_vcr_mark_without_its_plugin_is_an_error_and_no_call(newest: Package) -> None:
    shown = newest.pytest("-p", "no:vcr", "tests/integration", code=2).stdout
    assert "'vcr' not found in `markers` configuration option" in shown


def test_uv_resolves_what_pyproject_toml_asks_for(newest: Package) -> None:
    command = (
        BIN / "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--extra=test",
        "pyproject.toml",
    )
    assert f"pyatlan=={NEWEST}" in run(*command, cwd=newest.folder).stdout


def test_coverage_counts_the_script_alone(newest: Package) -> None:
    newest.run("-m", "coverage", "run", "-m", "pytest", "tests/test_main.py")
    shown = newest.run("-m", "coverage", "report").stdout
    (newest.folder / ".coverage").unlink()
    assert re.search(r"^main\.py ", shown, re.MULTILINE), shown
    assert "tests/" not in shown


@pytest.mark.slow
@pytest.mark.parametrize("package", [EVERY[0], EVERY[-1]], indirect=True)  # each takes a minute
def test_its_types_are_right(package: Package) -> None:
    run(
        BIN / "mypy", "--strict", "--cache-dir=/dev/null", "--python-executable", package.python, ".",
        cwd=package.folder,
    )  # fmt: skip


def test_no_name_that_the_package_s_environment_holds_can_be_another_package_s(
    package: Package,
) -> None:
    reserved = set((ROOT / "template" / "reserved_names.txt").read_text().split())
    script = "import importlib.metadata as m; print(*m.packages_distributions())"
    # A distribution's name as well: a project cannot require one of its own name.
    script += "; print(*(d.name.lower().replace('-', '_') for d in m.distributions()))"
    held = set(package.run("-c", script).stdout.split())
    snake_case = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*\Z")
    assert {name for name in held if snake_case.match(name)} - {"new_pkg"} <= reserved


# --- Its script ----------------------------------------------------------------------------


def test_the_script_reports_found_and_missing_and_only_reads(
    package: Package, tenant: Tenant, tmp_path: Path
) -> None:
    tenant.add("Table", "a", "default/a")
    tenant.add("Table", "b", "default/ü b")["status"] = "DELETED"
    names = ["default/a", "default/ü b", *(f"default/{number}" for number in range(60))]
    shown = start(package, tenant, tmp_path, names)
    assert "1 found, 61 missing." in shown.stderr
    with (tmp_path / "report.csv").open(encoding="utf-8", newline="") as report:
        assert list(csv.reader(report)) == [
            ["qualified_name", "status"],
            ["default/a", "found"],
            *([name, "missing"] for name in names[1:]),
        ]
    assert tenant.requests
    assert tenant.writes == []


def test_the_platform_s_headers_go_with_each_request(
    package: Package, tenant: Tenant, tmp_path: Path
) -> None:
    agent = {"X_ATLAN_AGENT": "workflow", "X_ATLAN_AGENT_ID": "run-of-a-workflow"}
    start(package, tenant, tmp_path, ["default/a"], env=agent)
    sent = [{name.lower(): value for name, value in request.headers.items()}
            for request in tenant.requests]  # fmt: skip
    assert [headers["x-atlan-agent-id"] for headers in sent] == ["run-of-a-workflow"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "Cannot read {file} as a CSV file: No such file or directory."),
        (b"", "{file} is empty: list one qualified name per line."),
        (b"qualified_name\n\n  \n", "{file} is empty: list one qualified name per line."),
        (b"name\ndefault/a\n", "{file} needs a column qualified_name in its first line."),
        (b"\xff\xfe\x00", "Cannot read {file} as a CSV file: "),
    ],
)
def test_a_wrong_input_file_is_answered_with_one_sentence(
    newest: Package, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    file = tmp_path / "assets.csv"
    if content is not None:
        file.write_bytes(content)
    shown = newest.run(
        "-m", "new_pkg.main", "--user-id=", f"--input-file={file}", cwd=tmp_path, code=1
    )
    assert sentence.format(file=file) in shown.stderr
    assert len(shown.stderr.splitlines()) == 1


REFUSED = (
    "ERROR new_pkg: Atlan could not be reached or refused the request; "
    "check ATLAN_BASE_URL and the credentials: "
)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ATLAN_API_KEY": "wrong"}, REFUSED),
        ({"ATLAN_API_KEY": "", "CLIENT_ID": "stand-in-client", "CLIENT_SECRET": "wrong"}, REFUSED),
        ({"ATLAN_API_KEY": ""}, REFUSED + "ATLAN-PYTHON-400-056 Missing privileged credentials"),
        (
            {"ATLAN_BASE_URL": "my-tenant.atlan.com"},
            "ERROR new_pkg: ATLAN_BASE_URL needs its https:// or http://.",
        ),
    ],
)
def test_wrong_credentials_are_answered_with_one_sentence(
    package: Package, tenant: Tenant, tmp_path: Path, wrong: dict[str, str], sentence: str
) -> None:
    shown = start(package, tenant, tmp_path, ["default/a"], env=wrong, code=1)
    assert sentence in last_line(shown.stderr)
    assert "Traceback" not in shown.stderr


def test_an_error_answer_is_passed_on_without_a_traceback(
    newest: Package, tenant: Tenant, tmp_path: Path
) -> None:
    tenant.fail_with = 500
    shown = start(newest, tenant, tmp_path, ["default/a"], code=1)
    assert REFUSED + "ATLAN-PYTHON-500-000 Server responded with an error" in last_line(
        shown.stderr
    )
    assert "Traceback" not in shown.stderr


def test_a_wrong_oauth_client_is_answered_with_one_sentence(
    newest: Package, tenant: Tenant, tmp_path: Path
) -> None:
    wrong = {**tenant.oauth, "ATLAN_OAUTH_CLIENT_SECRET": "wrong"}
    shown = start(newest, tenant, tmp_path, ["default/a"], credentials=wrong, code=1)
    assert REFUSED + "Client error '401 UNAUTHORIZED'" in last_line(shown.stderr)
    assert "Traceback" not in shown.stderr


def test_a_url_that_is_not_atlan_s_is_answered_with_one_sentence(
    newest: Package, tenant: Tenant, tmp_path: Path
) -> None:
    def login_page(_: object, start_response: Callable[..., object]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<html>Log in</html>"]

    server = make_server("127.0.0.1", 0, login_page, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    elsewhere = {**tenant.oauth, "ATLAN_BASE_URL": f"http://127.0.0.1:{server.port}"}
    shown = start(newest, tenant, tmp_path, ["default/a"], credentials=elsewhere, code=1)
    server.shutdown()
    server.server_close()
    assert REFUSED + "Expecting value" in last_line(shown.stderr)
    assert "Traceback" not in shown.stderr


def test_a_report_that_cannot_be_written_is_reported(
    newest: Package, tenant: Tenant, tmp_path: Path
) -> None:
    (tmp_path / "report.csv").mkdir()
    shown = start(newest, tenant, tmp_path, ["default/a"], code=1)
    assert last_line(shown.stderr).endswith(f"Cannot write {tmp_path}/report.csv: Is a directory.")


def test_help_and_a_mistyped_argument_do_not_import_the_sdk(newest: Package) -> None:
    for argument, code in (("--help", 0), ("--inputfile", 2)):
        shown = newest.run("-X", "importtime", "-m", "new_pkg.main", argument, code=code)
        assert "argparse" in shown.stderr
        assert not re.search(r"\| +(pyatlan|httpx|pydantic)\b", shown.stderr)


# --- Its logs --------------------------------------------------------------------------------


def test_logs_reach_an_opentelemetry_receiver(
    package: Package, tenant: Tenant, tmp_path: Path
) -> None:
    with OtlpReceiver() as receiver:
        start(package, tenant, tmp_path, ["default/a"], env=receiver.environment, anew=True)
    bodies = [body for _, severity, body in receiver.records if severity == "WARN"]
    assert [body.rpartition(" - ")[2] for body in bodies] == ["Missing: default/a"]
    assert {record[0]["service.name"] for record in receiver.records} == {"new_pkg"}


def test_what_stops_the_script_reaches_the_receiver_too(newest: Package) -> None:
    with OtlpReceiver() as receiver:
        newest.run(
            "-m", "new_pkg.main", "--user-id=", "--input-file=/missing.csv",
            env=receiver.environment, code=1,
        )  # fmt: skip
    assert "Cannot read /missing.csv" in receiver.records[-1][2]


# --- Its recordings ------------------------------------------------------------------------------


@pytest.fixture
def recording(newest: Package, tmp_path: Path) -> Package:
    """A copy of the newest package that may record: its tests do not run as in CI."""
    folder = tmp_path / "scripts" / "new_pkg"
    shutil.copytree(newest.folder, folder)
    return Package(folder, newest.python)


@pytest.fixture
def httpbin(tmp_path: Path) -> Iterator[HttpBin]:
    with HttpBin(tmp_path) as httpbin:
        yield httpbin


CASSETTES = Path("tests", "vcr_cassettes")


def test_the_shipped_cassettes_are_recordings_of_httpbin(
    recording: Package, httpbin: HttpBin
) -> None:
    shipped = {
        name: content for name, content in tree(recording.folder).items() if "vcr_cassettes" in name
    }
    shutil.rmtree(recording.folder / CASSETTES)
    recording.pytest("tests/integration", env={**httpbin.environment, "CI": ""})
    assert httpbin.hits == len(shipped) == 2
    # If httpbin or httpx answer otherwise by now: copy the new ones into template/package.
    assert {name: (recording.folder / name).read_bytes() for name in shipped} == shipped


def test_a_replay_calls_nobody(recording: Package, httpbin: HttpBin) -> None:
    recording.pytest("tests/integration", env={**httpbin.environment, "CI": ""})
    assert httpbin.hits == 0


def test_in_ci_a_missing_cassette_is_a_failure(recording: Package, httpbin: HttpBin) -> None:
    shutil.rmtree(recording.folder / CASSETTES)
    recording.pytest("tests/integration", env=httpbin.environment, code=1)
    assert httpbin.hits == 0
    assert not (recording.folder / CASSETTES).exists()


LEAKY_TEST = """
import io

import httpx
import pytest
from pyatlan.test_utils.base_vcr import BaseVCR

POST = "https://httpbin.org/post"


class TestLeaks(BaseVCR):
    @pytest.mark.vcr()
    def test_url(self) -> None:
        httpx.get("https://user:{userinfo}@httpbin.org/anything/{path}?api_key={query}&page=1")

    @pytest.mark.vcr()
    def test_token_as_user(self) -> None:
        httpx.get("https://{username}@httpbin.org/anything")

    @pytest.mark.vcr()
    def test_headers(self) -> None:
        headers = {"Authorization": "Bearer {bearer}", "X-Api-Key": "{header}"}
        httpx.get("https://httpbin.org/anything", headers=headers)

    @pytest.mark.vcr()
    def test_cookies(self) -> None:
        httpx.get("https://httpbin.org/cookies", headers={"Cookie": "a=1; sid={cookie}"})

    @pytest.mark.vcr()
    def test_json(self) -> None:
        deep = [{"accessToken": "{deep}"}, {"credentials": {"value": "{nested}"}}]
        httpx.post(POST, json={"client_secret": "{json}", "deep": deep, "page": "1"})

    @pytest.mark.vcr()
    def test_form(self) -> None:
        httpx.post(POST, data={"password": "{form}", "page": "1"})

    @pytest.mark.vcr()
    def test_text(self) -> None:
        httpx.post(POST, content="<key>{text}</key>")

    @pytest.mark.vcr()
    def test_file(self) -> None:
        httpx.post(POST, content=io.BytesIO(b"{file}"))

    @pytest.mark.vcr()
    def test_generator(self) -> None:
        httpx.post(POST, content=(part for part in [b"<", b"{generator}", b">"]))

    @pytest.mark.vcr()
    def test_binary(self) -> None:
        httpx.post(POST, content=bytes([255, 254]) + b"{binary}")

    @pytest.mark.vcr()
    def test_answer(self) -> None:
        httpx.get("https://httpbin.org/response-headers", params={"session_token": "{answer}"})
"""
IN_THE_ENVIRONMENT = ("path", "text", "file", "generator", "binary")
"""The places whose secret no name gives away: credentials that the environment holds."""


def test_no_secret_gets_into_a_cassette(recording: Package, httpbin: HttpBin) -> None:
    secrets = {
        place: f"sentinel-{place}-0123456789" for place in re.findall(r"\{([a-z]+)\}", LEAKY_TEST)
    }
    source = LEAKY_TEST
    for place, secret in secrets.items():
        source = source.replace("{" + place + "}", secret)
    module = recording.folder / "tests" / "integration" / "test_leaks.py"
    module.write_text(source)
    environment = {f"MY_{place.upper()}_TOKEN": secrets[place] for place in IN_THE_ENVIRONMENT}
    recording.pytest(module, env={**httpbin.environment, **environment, "CI": ""})
    cassettes = tree(recording.folder / CASSETTES / "tests.integration.test_leaks")
    assert len(cassettes) == httpbin.hits == source.count("mark.vcr")
    for name, content in cassettes.items():
        assert b"sentinel" not in content, name
        for binary in re.findall(rb"!!binary \|\n((?: +\S+\n)+)", content):
            assert b"sentinel" not in base64.b64decode(binary), name
    # And each is found again: what is sent is compared without its secrets as well.
    recording.pytest(module, env={**httpbin.environment, **environment})
    assert httpbin.hits == len(cassettes)


OUTSIDE_TEST = """
import httpx
import pytest


@pytest.mark.vcr()
def test_outside_of_a_class() -> None:
    answer = httpx.get("https://httpbin.org/anything?api_key=sentinel-0123456789&page=1")
    assert answer.json()["args"]["page"] == "1"
"""


def test_a_test_outside_of_a_class_is_recorded_without_secrets_as_well(
    recording: Package, httpbin: HttpBin
) -> None:
    module = recording.folder / "tests" / "integration" / "test_outside.py"
    module.write_text(OUTSIDE_TEST)
    recording.pytest(module, env={**httpbin.environment, "CI": ""})
    recording.pytest(module, env=httpbin.environment)
    assert httpbin.hits == 1
    cassette = module.parent / "cassettes" / "test_outside_of_a_class.yaml"
    assert "page=1" in cassette.read_text()
    assert "sentinel" not in cassette.read_text()


HARMLESS_TEST = """
import httpx
import pytest
from pyatlan.test_utils.base_vcr import BaseVCR


class TestHarmless(BaseVCR):
    @pytest.mark.vcr()
    def test_fields_that_are_no_secrets(self) -> None:
        fields = {
            "token_type": "Bearer",
            "nextPageToken": "",
            "next_page_token": "customers.csv",
            "token_endpoint": "https://httpbin.org/token",
            "author": "somebody of the team",
            "max_tokens": 100,
            "items": ["customers.csv", "postgres"],
        }
        answer = httpx.post("https://httpbin.org/post", json=fields).json()
        assert answer["json"] == fields
"""


def test_harmless_fields_are_recorded_and_replayed_as_they_are(
    recording: Package, httpbin: HttpBin
) -> None:
    module = recording.folder / "tests" / "integration" / "test_harmless.py"
    module.write_text(HARMLESS_TEST)
    recording.pytest(module, env={**httpbin.environment, "CI": ""})
    # Where it is replayed, other variables may be set, with values that are common words.
    elsewhere = {"POSTGRES_PASSWORD": "postgres", "MY_TOKEN_URL": "https://httpbin.org/token"}
    recording.pytest(module, env={**httpbin.environment, **elsewhere})
    assert httpbin.hits == 1


# --- Helpers -------------------------------------------------------------------------------------


class changed:
    """A change of one text in a file, taken back at the end of the `with` block."""

    def __init__(self, file: Path, old: str, new: str) -> None:
        self.file, self.text = file, file.read_text()
        assert self.text.count(old) == 1
        self.new_text = self.text.replace(old, new)

    def __enter__(self) -> None:
        self.file.write_text(self.new_text)

    def __exit__(self, *_: object) -> None:
        self.file.write_text(self.text)


def start(
    package: Package,
    tenant: Tenant,
    folder: Path,
    names: list[str],
    env: dict[str, str] | None = None,
    credentials: dict[str, str] | None = None,
    code: int = 0,
    anew: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run the script as Argo does, on an input file with these names."""
    input_file = folder / "assets.csv"
    input_file.write_text("\n".join(["qualified_name", *names, ""]), encoding="utf-8")
    return package.run(
        "-m", "new_pkg.main", "--user-id", tenant.user_id, "--input-file", input_file,
        "--report-file", folder / "report.csv",
        cwd=folder, env={**(credentials or tenant.environment), **(env or {})}, code=code, anew=anew,
    )  # fmt: skip


def last_line(text: str) -> str:
    return text.strip().splitlines()[-1]
