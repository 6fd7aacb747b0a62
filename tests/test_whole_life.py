"""The life of a monorepo, from an empty folder to packages that are released and kept current."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import BIN, commit_all, git, missing_here, run
from tests.support.package import NEXT, RELEASE
from tests.support.standins.docker import Docker
from tests.support.standins.registry import serve, unavailable_reason
from tests.support.standins.tenant import Tenant
from tests.support.workflows import Runner

TEMPLATE = "gh:atlanhq/csa-template"

SCRIPT = '''\
"""Counts the tables in Atlan."""

import argparse

import requests
from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import Table
from pyatlan.model.fluent_search import FluentSearch


def notify(url, count):
    requests.post(url, json={"tables": count}, timeout=30)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--webhook", default="")
    args = parser.parse_args()
    client = AtlanClient()
    tables = FluentSearch.select().where(Table.NAME.has_any_value()).count(client)
    print(f"{tables} tables")
    if args.webhook:
        notify(args.webhook, tables)
'''

ARGO = """\
- name: count
  inputs:
    artifacts:
      - name: scripts
        path: "/tmp/scripts"
        git:
          repo: git@github.com:example/scripts
      - name: config
        path: "/tmp/config"
  container:
    imagePullPolicy: IfNotPresent
    workingDir: "/tmp/scripts"
    command: [ "python" ]
    args: ["-m", "scripts.count_tables.main"]  # no webhook
"""


@pytest.mark.slow
@pytest.mark.xdist_group("images")
def test_from_an_empty_repository_to_current_released_packages(
    releases: Path, docker: Docker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason := unavailable_reason():
        missing_here(reason)
    template, mono = tmp_path / "csa-template", tmp_path / "mono"
    scripts = mono / "scripts"

    def csa(*arguments: str, code: int = 0) -> str:
        return run(BIN / "csa", *arguments, cwd=mono, code=code).stdout

    # The template's first release, which git takes for the one on GitHub.
    run("git", "clone", "--quiet", releases, template)
    git(template, "tag", "--delete", NEXT)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{template}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "https://github.com/atlanhq/csa-template.git")

    with serve(tmp_path / "registry") as (host, trust):
        # An empty repository gets what is around packages, and a first package.
        mono.mkdir()
        git(mono, "init", "--quiet")
        copier = (BIN / "copier", "copy", "--defaults", "-d", f"image_registry={host}/team")
        run(*copier, "-d", "scope=repository", TEMPLATE, ".", cwd=mono)
        run(*copier, TEMPLATE, "scripts/new_pkg", cwd=mono)
        commit_all(mono, "A new package")

        # A legacy script comes in.
        (scripts / "count-tables").mkdir()
        (scripts / "count-tables" / "main.py").write_text(SCRIPT)
        commit_all(mono, "A script")
        assert "its logic is in main(args), proven to behave as before" in csa(
            "adopt", "scripts/count-tables"
        )
        commit_all(mono, "A package")

        # Both keep to the rules, and the tests of both pass, on a tenant and without one.
        assert csa("check") == "2 packages checked, 0 problems\n"
        runner = Runner(mono, tmp_path / "runner")
        contexts = {
            "steps.image.outputs.image": '{"python": "3.11"}',
            "secrets.ATLAN_BASE_URL": "",
            "secrets.ATLAN_API_KEY": "",
        }
        for name in ("new_pkg", "count_tables"):
            contexts["matrix.package"] = f"scripts/{name}"
            installed = runner.step("pull-request.yml", "test", "Install", contexts)
            assert installed.code == 0, installed.text
            tested = runner.step("pull-request.yml", "test", "Test", contexts)
            # The adopted one has a call of a third party that is still to be recorded.
            skipped = {"new_pkg": 2, "count_tables": 3}[name]
            assert f"3 passed, {skipped} skipped" in tested.text, tested.text
        with Tenant() as tenant:
            contexts |= {f"secrets.{name}": tenant.environment[name] for name in
                         ("ATLAN_BASE_URL", "ATLAN_API_KEY")}  # fmt: skip
            tested = runner.step("pull-request.yml", "test", "Test", contexts)
            assert f"4 passed, {skipped - 1} skipped" in tested.text, tested.text

            # An image in development answers, and runs on the tenant.
            developed = csa("image", "scripts/count_tables").strip()
            assert developed.startswith(f"{host}/team/count-tables:1.0.0-dev-")
            for name in ("new_pkg", "count_tables"):
                docker.ensure_base(scripts / name)
            docker.build(scripts / "count_tables", developed)
            tenant.add("Table", "orders", "default/orders")
            ran = docker.run(developed, env=tenant.environment)
            assert ran.stdout == "1 tables\n", ran.stderr

        # Released, each is published once.
        for name in ("new_pkg", "count_tables"):
            assert csa("release", f"scripts/{name}") == "1.0.0\n"
        commit_all(mono, "Release")
        assert csa("check") == "2 packages checked, 0 problems\n"
        released = runner.step("release.yml", "released", "List the packages").outputs["packages"]
        ask = ("release.yml", "unpublished", "Ask the registry")
        contexts = {"needs.released.outputs.packages": released}
        asked = runner.step(*ask, contexts, env=trust)
        assert asked.outputs["packages"] == '["scripts/count_tables","scripts/new_pkg"]'
        for name in ("new_pkg", "count_tables"):
            image = csa("image", f"scripts/{name}").strip()
            docker.build(scripts / name, image)
            docker.push(image)
        asked = runner.step(*ask, contexts, env=trust)
        assert asked.outputs["packages"] == "[]"

        # Argo runs the image.
        (tmp_path / "count.yaml").write_text(ARGO)
        csa("argo", str(tmp_path / "count.yaml"), "--package", "scripts/count_tables")
        assert (tmp_path / "count.yaml").read_text() == ARGO.replace(
            """\
      - name: scripts
        path: "/tmp/scripts"
        git:
          repo: git@github.com:example/scripts
""",
            "",
        ).replace(
            '    imagePullPolicy: IfNotPresent\n    workingDir: "/tmp/scripts"\n',
            f"    image: {host}/team/count-tables:1.0.0\n    imagePullPolicy: IfNotPresent\n",
        ).replace("scripts.count_tables.main", "count_tables.main")

        # The template's next release reaches all of it, and nothing of ours is lost.
        main = (scripts / "count_tables" / "main.py").read_text()
        git(template, "tag", NEXT)
        assert csa("status", code=0).count(f"{RELEASE}, 1 behind") == 3
        assert "3 updated" in csa("update")
        commit_all(mono, "Template update")
        csa("status", "--check")
        assert csa("check") == "2 packages checked, 0 problems\n"
        assert (scripts / "count_tables" / "main.py").read_text() == main

        # Its changes to the images are published with the next version, which the pull request asks for.
        contexts = {"matrix.package": "scripts/new_pkg"}
        refused = runner.step("pull-request.yml", "test", "Check the rules", contexts)
        assert (refused.code, refused.text.count("::error")) == (1, 1)
        assert (
            "title=CSA203::.dockerignore has changed since 1.0.0 was released: csa release"
            in refused.text
        )
        assert csa("release", "scripts/new_pkg", "--next", "patch") == "1.0.1-dev\n"
        commit_all(mono, "Begin 1.0.1")
        checked = runner.step(
            "pull-request.yml", "test", "Check the rules",
            {**contexts, "github.event.merge_group.base_sha": "HEAD^^"},
        )  # fmt: skip
        assert checked.code == 0, checked.text
