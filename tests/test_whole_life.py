"""The life of a monorepo, from an empty folder to packages that are released and kept current."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.commands import BIN, commit_all, executable, git, missing_here, run
from tests.support.package import NEXT, RELEASE
from tests.support.standins.docker import Docker
from tests.support.standins.registry import push_built, serve, unavailable_reason
from tests.support.standins.tenant import Tenant
from tests.support.workflows import Runner

SNYK = """\
for argument in "$@"; do
  case "$argument" in
    docker-archive:*) tar --extract --to-stdout --file "${argument#*:}" manifest.json > /dev/null || exit 2 ;;
    --sarif-file-output=*) cp FOUND "${argument#*=}" ;;
  esac
done
exit 1
"""
"""A scanner that finds the same in each image, and nothing in what is none."""

FOUND = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "Snyk Container", "rules": [{"id": "SNYK-1"}]}},
            "results": [{"ruleId": "SNYK-1", "level": "error", "message": {"text": "It is old."}}],
        }
    ],
}

GH = """\
case "$*" in
  "issue list"*) echo '[]' ;;
  "issue create"*) echo "$@" >> ISSUES ;;
esac
"""
"""GitHub's issues, of which there is none yet."""

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
        ask = ("published", "Ask the registry")
        contexts = {"inputs.packages": released}
        asked = runner.action(*ask, contexts, env=trust)
        assert asked.outputs["unpublished"] == '["scripts/count_tables","scripts/new_pkg"]'
        for name in ("new_pkg", "count_tables"):
            image = csa("image", f"scripts/{name}").strip()
            docker.build(scripts / name, f"{image}-built")
            docker.push(f"{image}-built")
            publish(runner, image, trust)
            shutil.rmtree(runner.temporary / "index")
        asked = runner.action(*ask, contexts, env=trust)
        assert asked.outputs["unpublished"] == "[]"

        # Each week, what is in use is scanned, by a stand-in for Snyk; of what it finds, there are issues.
        (tmp_path / "found.json").write_text(json.dumps(FOUND))
        executable(tmp_path / "bin" / "snyk", SNYK.replace("FOUND", f"{tmp_path / 'found.json'}"))
        executable(tmp_path / "bin" / "gh", GH.replace("ISSUES", f"{tmp_path / 'issues'}"))
        released = runner.step("scan.yml", "released", "List the packages").outputs["packages"]
        contexts = {"inputs.packages": released}
        published = runner.action(*ask, contexts, env=trust).outputs["published"]
        assert json.loads(published) == json.loads(released)
        for package in json.loads(published):
            scan(runner, package, str(tmp_path / "bin"), trust)
        contexts = {"needs.published.outputs.packages": published}
        kept = runner.step(
            "scan.yml", "issues", "Open, change or close the issues", contexts,
            path=str(tmp_path / "bin"),
        )  # fmt: skip
        assert kept.code == 0, kept.text
        assert [
            line.split(" --")[2] for line in (tmp_path / "issues").read_text().splitlines()
        ] == [f"title Findings in scripts/{name}" for name in ("count_tables", "new_pkg")]

        # A base image that has changed is one for the next version: count_tables gets it.
        base = f"{host}/team/pyatlan:11"
        listed = json.loads(published)
        packages = json.dumps([{**package, "base": base} for package in listed])
        for change, outdated in (("", []), ("RUN touch /tmp/newer\n", listed)):
            push_base(
                docker, tmp_path / "base", base, docker.ensure_base(scripts / "new_pkg"), change
            )
            contexts = {"needs.released.outputs.packages": packages}
            compared = runner.step(
                "base-update.yml", "outdated", "Compare the layers", contexts, env=trust
            )
            assert compared.code == 0, compared.text
            found = json.loads(compared.outputs["packages"])
            assert [one["package"] for one in found] == [one["package"] for one in outdated]
        contexts = {"needs.outdated.outputs.packages": compared.outputs["packages"]}
        compared = runner.step("base-update.yml", "versions", "Release the next versions", contexts)
        assert compared.code == 0, compared.text
        contexts = {"matrix.package": "scripts/count_tables"}
        applied = runner.step("propose.yml", "package", "Apply the patch", contexts)
        assert applied.code == 0, applied.text
        commit_all(mono, "Built on a newer base")
        assert csa("image", "scripts/count_tables") == f"{host}/team/count-tables:1.0.1\n"

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
            f"    image: {host}/team/count-tables:1.0.1\n    imagePullPolicy: IfNotPresent\n",
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


def push_base(docker: Docker, context: Path, tag: str, base: str, change: str) -> None:
    """Push a base image, with what changes in it."""
    context.mkdir(exist_ok=True)
    (context / "Dockerfile").write_text(f"FROM {base}\nUSER root\n{change}")
    docker.build(context, tag)
    docker.push(tag)


def publish(runner: Runner, image: str, trust: dict[str, str]) -> None:
    """Publish what is in the registry as built, for both platforms, as a release does."""
    repository = image.rpartition(":")[0]
    contexts = {
        "needs.prepare.outputs.reference": image,
        "needs.prepare.outputs.repository": repository,
    }
    digests = [
        push_built(
            f"{image}-built",
            arch,
            trust,
            runner.temporary / f"{repository.rpartition('/')[2]}-{arch}",
        )
        for arch in ("amd64", "arm64")
    ]
    inputs = {"inputs.repository": repository, "inputs.digests": " ".join(digests)}
    made = runner.action("index", "Make one image of all", inputs, env=trust)
    assert made.code == 0, made.text
    contexts["steps.index.outputs.digest"] = made.outputs["digest"]
    ran = runner.step(
        "release-package.yml", "publish", "Tag it, unless the tag is taken", contexts, env=trust
    )
    assert ran.code == 0, ran.text


def scan(runner: Runner, package: dict[str, str], path: str, trust: dict[str, str]) -> None:
    """Scan a package's image as each week, and put what is handed over where it is taken from."""
    contexts = {
        "inputs.fails": "false",
        "inputs.image": f"{runner.temporary / 'image.tar'}",
        "inputs.kind": "image",
        "inputs.package": package["package"],
        "matrix.of.image": package["image"],
    }
    for ran in (
        runner.step("scan.yml", "image", "Get the image", contexts, env=trust),
        runner.action("scan", "Scan with Snyk", contexts, path=path),
        runner.action("scan", "Describe the findings", contexts),
    ):
        assert ran.code == 0, ran.text
    assert f"1 finding in the image of `{package['package']}`:" in ran.summary
    (runner.temporary / "image.tar").unlink()
    shutil.copytree(runner.temporary / "findings", runner.temporary / "scans", dirs_exist_ok=True)
    shutil.rmtree(runner.temporary / "findings")
