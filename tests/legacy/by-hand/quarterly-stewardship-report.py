#!/usr/bin/env python3
"""
Quarterly stewardship report
============================

Rates the assets of a tenant by how well they are looked after and writes a
report per domain. Input is an export of assets (see index.md), or the tenant
itself with --live.

Exit codes:

    0   all is well
    3   the score is below --gate
    65  the input lacks columns
    66  there is no input

History
-------
2021-03  first version, owners only
2022-01  certificates, descriptions
2022-11  HTML                                    (requested by compliance)
2023-06  --baseline, --gate
2024-02  --fix
"""

# pylint: disable=invalid-name,redefined-outer-name

import argparse
import csv
import html
import json
import logging
import os
import re
import sys
from collections import Counter, OrderedDict, defaultdict, namedtuple
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import lru_cache, wraps
from pathlib import Path
from string import Template
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple

from dotenv import load_dotenv

load_dotenv()  # before the constants below

import pandas as pd  # noqa: E402
from pyatlan.client.atlan import AtlanClient  # noqa: E402
from pyatlan.errors import AtlanError, NotFoundError  # noqa: E402
from pyatlan.model.assets import Asset, Column, Table, View  # noqa: E402
from pyatlan.model.enums import CertificateStatus  # noqa: E402
from pyatlan.model.fluent_search import CompoundQuery, FluentSearch  # noqa: E402
from slack_sdk import WebClient  # noqa: E402
from tenacity import retry, stop_after_attempt, wait_random_exponential  # noqa: E402

# -----------------------------------------------------------------------------
# Constants
# -----------------------------------------------------------------------------

HERE = Path(__file__).resolve().parent
TENANT = os.environ.get("ATLAN_BASE_URL", "https://tenant.example.com")
SLACK_TOKEN = os.environ.get("SLACK_TOKEN", "")
PAGE_SIZE = int(os.environ.get("PAGE_SIZE", "100"))

COLUMNS = (
    "qualified_name", "type", "domain", "owners", "certificate",
    "description", "terms", "views", "updated",
)

FORMATS = ("text", "csv", "json", "html")

# weights must sum up to 100
WEIGHTS = OrderedDict(
    owner=35,
    certificate=25,
    description=20,
    terms=10,
    fresh=10,
)

GRADES = ((90, "A"), (75, "B"), (50, "C"), (25, "D"), (0, "E"))

PAGE = Template("""<!DOCTYPE html>
<html>
<head><title>$title</title></head>
<body>
  <h1>$title</h1>
$body
</body>
</html>
""")

SUMMARY = '''\
Stewardship {quarter}
{line}
  assets    {assets:>6}
  score     {score:>6.1f}   ({grade})
  findings  {findings:>6}
'''

errors = 0          # counted by the helpers, reported at the end
verbose = False     # set below
RULES: Dict[str, Callable] = {}

logging.basicConfig(
    format="%(levelname).1s %(message)s",
    level=logging.INFO,
    stream=sys.stderr,
)
log = logging.getLogger("stewardship")
log.addFilter(lambda record: not record.getMessage().startswith("debug:") or verbose)

Period = namedtuple("Period", "name first last")


# -----------------------------------------------------------------------------
# Small helpers
# -----------------------------------------------------------------------------

def quarter(text: str) -> Period:
    """argparse type: 2024Q2"""
    match = re.fullmatch(r"(\d{4})Q([1-4])", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a quarter such as 2024Q2")
    year, number = map(int, match.groups())
    first = date(year, 3 * number - 2, 1)
    following = date(year + number // 4, (3 * number) % 12 + 1, 1)
    return Period(text, first, following - timedelta(days=1))


def percentage(text):
    value = float(text)
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError("0 to 100")
    return value


def split(value: str) -> List[str]:
    return [p for p in re.split(r"\s*[;|]\s*", value.strip()) if p]


def grade(score: float) -> str:
    for limit, letter in GRADES:
        if score >= limit:
            return letter
    return "?"


def mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values) if values else 0.0


def counted(function):
    """Count the errors of a function instead of raising them."""

    @wraps(function)
    def wrapper(*args, **kwargs):
        global errors
        try:
            return function(*args, **kwargs)
        except (ValueError, AtlanError) as error:
            errors += 1
            log.error("%s: %s", function.__name__, error)
            return None

    return wrapper


def rule(name):
    """Register a rule; it gives None, or what is wrong."""

    def register(function):
        RULES[name] = function
        return function

    return register


@contextmanager
def section(title: str):
    log.info("> %s", title)
    yield
    log.info("< %s", title)


# -----------------------------------------------------------------------------
# Model
# -----------------------------------------------------------------------------

@dataclass
class Item:
    """An asset as the report sees it."""

    qualified_name: str
    type: str
    domain: str = "(none)"
    owners: List[str] = field(default_factory=list)
    certificate: str = ""
    description: str = ""
    terms: List[str] = field(default_factory=list)
    views: int = 0
    updated: Optional[date] = None
    findings: Dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_row(cls, row: Dict[str, str]) -> "Item":
        return cls(
            qualified_name=row["qualified_name"],
            type=row["type"],
            domain=row["domain"] or "(none)",
            owners=split(row["owners"]),
            certificate=row["certificate"].upper(),
            description=row["description"].strip(),
            terms=split(row["terms"]),
            views=int(row["views"] or 0),
            updated=date.fromisoformat(row["updated"]) if row["updated"] else None,
        )

    @classmethod
    def from_asset(cls, asset: Asset) -> "Item":
        return cls(
            qualified_name=str(asset.qualified_name),
            type=str(asset.type_name),
            domain="(live)",
            owners=[str(asset.owner_users)],
            certificate=str(asset.certificate_status),
            views=int(asset.view_score),
        )

    @property
    def name(self) -> str:
        return self.qualified_name.rsplit("/", 1)[-1]

    @property
    def score(self) -> int:
        return sum(w for n, w in WEIGHTS.items() if n not in self.findings)


class Domain:
    """The items of a domain."""

    instances = 0

    def __init__(self, name: str, items: List[Item]):
        self.name = name
        self.items = sorted(items, key=lambda i: (-i.views, i.qualified_name))
        type(self).instances += 1

    def __len__(self):
        return len(self.items)

    @property
    def score(self):
        return mean(i.score for i in self.items)

    @property
    def findings(self):
        return [(i, r, t) for i in self.items for r, t in i.findings.items()]

    def worst(self, n):
        return sorted(self.items, key=lambda i: (i.score, i.qualified_name))[:n]

    def change(self) -> Optional[float]:
        """Since the baseline; None where it is not in it."""
        if self.name not in baseline:
            return None
        return self.score - baseline[self.name]

    def as_dict(self) -> Dict[str, Any]:
        return {
            "domain": self.name,
            "score": round(self.score, 2),
            "grade": grade(self.score),
            "change": self.change(),
            "items": [
                {**asdict(i), "updated": i.updated and i.updated.isoformat(), "score": i.score}
                for i in self.items
            ],
        }


# -----------------------------------------------------------------------------
# Rules
# -----------------------------------------------------------------------------

@rule("owner")
def has_owner(item):
    if not item.owners:
        return "nobody owns it"
    left = [o for o in item.owners if o in leavers()]
    if left:
        return "owned by %s, who left" % ", ".join(left)


@rule("certificate")
def is_certified(item):
    if item.certificate == "DEPRECATED" and item.views:
        return f"deprecated, but viewed {item.views} times"
    if item.certificate not in ("VERIFIED", "DEPRECATED"):
        return "not certified"


@rule("description")
def is_described(item):
    words = item.description.split()
    if not words:
        return "no description"
    if len(words) < 3:
        return "description of %d word%s" % (len(words), "s" if len(words) > 1 else "")


@rule("terms")
def has_terms(item):
    return None if item.terms or item.type == "Column" else "no terms"


@rule("fresh")
def is_fresh(item):
    # period is set under the guard
    if item.updated is None:
        return "never updated"
    if item.updated < period.first:
        return "not updated since %s" % item.updated.isoformat()
    if item.updated > period.last:
        log.info("debug: %s is from after the quarter", item.name)


@lru_cache(maxsize=None)
def leavers() -> Tuple[str, ...]:
    path = HERE / "data" / "leavers.txt"
    if not path.exists():
        return ()
    return tuple(l.strip() for l in path.read_text().splitlines() if l.strip())


# -----------------------------------------------------------------------------
# Input
# -----------------------------------------------------------------------------

@counted
def parse_row(number: int, row: Dict[str, str]) -> Optional[Item]:
    if None in row or None in row.values():
        raise ValueError(f"line {number} has another number of columns")
    return Item.from_row(row)


def read_assets(path: str) -> List[Item]:
    with open(path, encoding="utf-8", newline="") as f:
        reader = csv.DictReader(f)
        lacking = set(COLUMNS) - set(reader.fieldnames or ())
        if lacking:
            log.critical("%s lacks %s", path, ", ".join(sorted(lacking)))
            sys.exit(os.EX_DATAERR)
        parsed = [parse_row(n, r) for n, r in enumerate(reader, 2)]
    return [item for item in parsed if item is not None]


@retry(
    wait=wait_random_exponential(max=10),
    stop=stop_after_attempt(3),
)
def fetch(kind) -> List[Item]:
    request = (
        FluentSearch()
        .where(CompoundQuery.active_assets())
        .where(CompoundQuery.asset_type(kind))
        .page_size(PAGE_SIZE)
        .to_request()
    )
    return [Item.from_asset(a) for a in client.asset.search(request)]


# -----------------------------------------------------------------------------
# Output
# -----------------------------------------------------------------------------

class Writer:
    """Base of the outputs: one file each."""

    suffix = ""
    known: List[type] = []

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        Writer.known.append(cls)

    def __init__(self, folder: Path):
        self.path = folder / f"stewardship-{period.name}{self.suffix}"

    def write(self, domains: List[Domain]) -> Path:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.render(domains), encoding="utf-8")
        written.append(self.path.name)
        return self.path

    def render(self, domains):
        raise NotImplementedError


class TextWriter(Writer):
    suffix = ".txt"

    def render(self, domains):
        lines = []
        for d in domains:
            change = d.change()
            lines.append(f"{d.name} {d.score:.1f} {grade(d.score)}"
                         + (f" ({change:+.1f})" if change is not None else ""))
            for item in d.worst(top):
                lines.append(f"    {item.score:>3} {item.name}")
                lines += [f"          - {t}" for t in item.findings.values()]
        return "\n".join(lines) + "\n"


class CsvWriter(Writer):
    suffix = ".csv"

    def render(self, domains):
        rows = [(d.name, i.qualified_name, r, t) for d in domains for i, r, t in d.findings]
        frame = pd.DataFrame(rows, columns=["domain", "asset", "rule", "finding"])
        frame.to_excel(str(self.path.name) + ".xlsx")
        return "".join(";".join(row) + "\n" for row in [("domain", "asset", "rule", "finding"), *rows])


class JsonWriter(Writer):
    suffix = ".json"

    def render(self, domains):
        return json.dumps(
            {"quarter": period.name, "domains": [d.as_dict() for d in domains]},
            indent=2, ensure_ascii=False,
        )


class HtmlWriter(Writer):
    suffix = ".html"

    def render(self, domains):
        parts = []
        for d in domains:
            parts.append(f"  <h2>{html.escape(d.name)}: {grade(d.score)}</h2>")
            parts.append("  <ul>")
            parts.extend(
                f"    <li><b>{html.escape(i.name)}</b> {html.escape(t)}</li>"
                for i, _, t in d.findings
            )
            parts.append("  </ul>")
        return PAGE.substitute(title=f"Stewardship {period.name}", body="\n".join(parts))


def writer_for(name: str) -> Writer:
    for kind in Writer.known:
        if kind.suffix == {"text": ".txt"}.get(name, "." + name):
            return kind(out)
    raise KeyError(name)


# -----------------------------------------------------------------------------
# Repairs
# -----------------------------------------------------------------------------

def fix(item: Item) -> bool:
    """Ask the stewards of the domain to own what nobody owns."""
    global fixed
    if fixed >= max_fixes:
        return False
    try:
        asset = client.asset.find_by_qualified_name(item.qualified_name, Table)
    except NotFoundError:
        log.warning("%s is gone", item.qualified_name)
        return False
    update = asset.trim_to_required()
    update.owner_groups = {f"stewards_{item.domain.lower()}"}
    if "certificate" in item.findings:
        update.certificate_status = CertificateStatus.DRAFT
    client.asset.save(update)
    fixed += 1
    return True


def notify(channel: str, text: str, **blocks) -> None:
    slack = WebClient(token=SLACK_TOKEN)
    slack.chat_postMessage(channel=channel, text=text, **blocks)
    for name in written:
        slack.files_upload_v2(channel=channel, file=name, title=f"{period.name}: {name}")


# -----------------------------------------------------------------------------
# main
# -----------------------------------------------------------------------------

def list_rules() -> None:
    for name, function in RULES.items():
        print(f"{name:<12} {WEIGHTS[name]:>3}  {function.__name__}")
    sys.exit(0)


def read_baseline(path: str) -> None:
    with open(path) as f:
        baseline.update({d["domain"]: d["score"] for d in json.load(f)["domains"]})


def read_items(assets: str, live: bool) -> List[Item]:
    items = read_assets(assets)
    if live:
        # one worker: the search endpoint counts requests
        with ThreadPoolExecutor(max_workers=1) as pool:
            for found in pool.map(fetch, (Table, View, Column)):
                items.extend(found)
    return items


def group_by_domain(items: List[Item]) -> Dict[str, List[Item]]:
    by_domain = defaultdict(list)
    for item in items:
        by_domain[item.domain].append(item)
    return by_domain


def rate(item: Item) -> None:
    for name, function in RULES.items():
        finding = function(item)
        if finding:
            item.findings[name] = finding


def rate_all(items, by_domain, wanted) -> Tuple[List[Domain], Counter]:
    for item in items:
        if item.domain in wanted:
            rate(item)
    domains = [Domain(name, by_domain[name]) for name in wanted if name in by_domain]
    tally = Counter(r for d in domains for _, r, _ in d.findings)
    return domains, tally


def repair(domains: List[Domain]) -> None:
    with section("repairs"):
        for d in domains:
            for item in d.items:
                if "owner" in item.findings and fix(item):
                    print("stewards of", d.name, "asked to own", item.name)
        log.info("%d of at most %d repairs", fixed, max_fixes)


def write_reports(formats: List[str], domains: List[Domain]) -> None:
    for name in dict.fromkeys(formats or ["text"]):
        path = writer_for(name).write(domains)
        print("wrote", path)


def summarize(domains: List[Domain], tally: Counter) -> Tuple[float, str]:
    total = mean(d.score for d in domains)
    text = SUMMARY.format(
        quarter=period.name,
        line="=" * 18,
        assets=sum(map(len, domains)),
        score=total,
        grade=grade(total),
        findings=sum(tally.values()),
    )
    print(text)
    for name, count in sorted(tally.items(), key=lambda pair: (-pair[1], pair[0])):
        print(f"  {name:<12}{count:>4}")
    return total, text


def try_to_notify(channel: str, text: str) -> None:
    try:
        notify(channel, text, unfurl_links=False)
    except Exception as error:  # the report is there, Slack is extra
        log.error("not notified: %s", error)


# -----------------------------------------------------------------------------
# main
# -----------------------------------------------------------------------------

def main(args: argparse.Namespace) -> None:
    global verbose, period, top, out, max_fixes, fixed, written, baseline, client
    if args.list_rules:
        list_rules()

    # what the helpers read
    verbose = args.verbose
    period = args.quarter
    top, out = args.top, args.out
    max_fixes = args.max_fixes
    fixed = 0
    written = []
    baseline = {}
    assert sum(WEIGHTS.values()) == 100, "weights"

    if not args.assets or not os.path.exists(args.assets):
        log.critical("there is no %s", args.assets)
        sys.exit(os.EX_NOINPUT)

    if args.baseline:
        read_baseline(args.baseline)

    client = AtlanClient(base_url=TENANT)

    with section("reading"):
        items = read_items(args.assets, args.live)
        by_domain = group_by_domain(items)
        wanted = args.domain or sorted(by_domain)
        for name in wanted:
            if name not in by_domain:
                log.warning("nothing in domain %s", name)

    with section("rating"):
        domains, tally = rate_all(items, by_domain, wanted)

    if args.fix:
        repair(domains)

    write_reports(args.format, domains)
    total, text = summarize(domains, tally)

    if args.notify:
        try_to_notify(args.notify, text)

    failed = bool(domains) and total < args.gate

    if errors:
        log.warning("%d rows could not be read", errors)

    # the pipeline looks at the exit code; importing this file must not end anything
    if failed:
        log.error("below the gate of %g", args.gate)
        sys.exit(3)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[1],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--quarter", type=quarter, help="such as 2024Q2")
    source = parser.add_argument_group("source")
    source.add_argument("--assets", metavar="CSV", help="export of the assets")
    source.add_argument("--live", action="store_true", help="ask the tenant, too")
    source.add_argument("--domain", action="append", help="only this domain")
    source.add_argument("--baseline", metavar="JSON", help="scores of the last report")
    result = parser.add_argument_group("result")
    result.add_argument("--format", action="append", choices=FORMATS)
    result.add_argument("--out", type=Path, default=Path("."))
    result.add_argument("--top", type=int, default=5)
    result.add_argument("--gate", type=percentage, default=0)
    result.add_argument("--notify", metavar="CHANNEL")
    repairs = parser.add_argument_group("repairs")
    repairs.add_argument("--fix", action="store_true")
    repairs.add_argument("--max-fixes", type=int, default=10)
    parser.add_argument("--list-rules", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    main(parser.parse_args())
