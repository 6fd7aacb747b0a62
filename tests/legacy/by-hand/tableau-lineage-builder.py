"""Builds lineage from Snowflake tables to Tableau workbooks, from a mapping file.

    main.py check mapping.json
    main.py build mapping.json --only '^sales'
    main.py show mapping.json --as dot
"""

import argparse
import json
import logging
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Dict, Iterator, List, NamedTuple

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import LineageProcess, Table, TableauWorkbook
from tqdm import tqdm

LOG = logging.getLogger("lineage")
CONNECTION = "default/tableau/1700000000"


class Problem(NamedTuple):
    process: str
    reason: str

    def __str__(self):
        return "%s: %s" % (self.process or "?", self.reason)


@dataclass
class Process:
    name: str
    inputs: List[str] = field(default_factory=list)
    outputs: List[str] = field(default_factory=list)
    sql: str = ""

    @property
    def key(self) -> str:
        return re.sub(r"\W+", "-", self.name.lower()).strip("-")

    def problems(self) -> Iterator[Problem]:
        if not self.name:
            yield Problem(self.name, "has no name")
        for side in ("inputs", "outputs"):
            names = getattr(self, side)
            if not names:
                yield Problem(self.name, f"has no {side}")
            for name in names:
                if "/" not in name:
                    yield Problem(self.name, f"{name!r} is not a qualified name")


def load(path: str) -> List[Process]:
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    return [Process(**entry) for entry in document["processes"]]


@lru_cache(maxsize=1024)
def reference(kind: str, qualified_name: str):
    """Return a reference, each made once."""
    types = {"table": Table, "workbook": TableauWorkbook}
    return types[kind].ref_by_qualified_name(qualified_name)


def to_dot(processes: List[Process]) -> str:
    lines = ["digraph lineage {"]
    for process in processes:
        for source in process.inputs:
            lines.append(f'  "{source}" -> "{process.key}";')
        for target in process.outputs:
            lines.append(f'  "{process.key}" -> "{target}";')
    lines.append("}")
    return "\n".join(lines)


def get_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-v", "--verbose", action="store_true")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("mapping")
    common.add_argument("-v", "--verbose", action="store_true")

    build = commands.add_parser("build", parents=[common], help="save the processes")
    build.add_argument("--only", default="", help="regular expression")
    build.add_argument("--batch", type=int, default=20)
    commands.add_parser("check", parents=[common], help="look for mistakes")
    show = commands.add_parser("show", parents=[common], help="print the mapping")
    show.add_argument("--as", dest="format", choices=("text", "dot"), default="text")
    return parser


def set_up_logging(verbose: bool) -> None:
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING,
        format="%(levelname)s:%(message)s",
    )


def find_problems(processes: List[Process]) -> List[Problem]:
    return [p for process in processes for p in process.problems()]


def group_problems(problems: List[Problem]) -> Dict[str, List[Problem]]:
    by_process: Dict[str, List[Problem]] = defaultdict(list)
    for problem in problems:
        by_process[problem.process].append(problem)
    return by_process


def check(problems: List[Problem]) -> None:
    for problem in sorted(problems, key=lambda p: (p.reason, p.process)):
        print(problem)
    sys.exit(3 if problems else 0)


def show(processes: List[Process], form: str) -> None:
    if form == "dot":
        print(to_dot(processes))
    else:
        for process in processes:
            print(f"{process.key:<20} {len(process.inputs)} -> {len(process.outputs)}")
    sys.exit(0)


def save_batch():
    global batch, saved
    if not batch:
        return
    response = client.asset.save(batch)
    LOG.info("created %s", response.assets_created(LineageProcess))
    saved += len(batch)
    batch = []


def save_processes(chosen: List[Process], args: argparse.Namespace) -> None:
    with client.max_retries(5):
        for process in tqdm(chosen, desc="processes"):
            batch.append(
                LineageProcess.creator(
                    name=process.name,
                    connection_qualified_name=CONNECTION,
                    process_id=process.key,
                    inputs=[reference("table", n) for n in process.inputs],
                    outputs=[reference("workbook", n) for n in process.outputs],
                )
            )
            if process.sql:
                batch[-1].sql = process.sql
            if len(batch) == args.batch:
                save_batch()
        save_batch()


def main(args: argparse.Namespace) -> None:
    global client, batch, saved
    set_up_logging(args.verbose)

    if args.command is None:
        print("which command? see --help", file=sys.stderr)
        sys.exit(64)

    processes = load(args.mapping)
    LOG.debug("%d processes", len(processes))

    problems = find_problems(processes)
    by_process = group_problems(problems)

    if args.command == "check":
        check(problems)
    if args.command == "show":
        show(processes, args.format)

    wanted = re.compile(args.only)
    chosen = [p for p in processes if wanted.search(p.name) and not by_process[p.name]]
    left_out = len(processes) - len(chosen)
    client = AtlanClient()
    batch = []
    saved = 0

    try:
        save_processes(chosen, args)
    finally:
        hits = reference.cache_info().hits
        print(f"saved {saved}, left out {left_out}, {hits} references reused")

    if left_out:
        for name, found in by_process.items():
            if found:
                print(" -", *found, sep="\n   ")


if __name__ == "__main__":
    main(get_parser().parse_args())
