"""Secrets that need no name: tokens whose service gives them a form of their own, private keys.

Every expression is bounded, so that the time it takes grows with the text alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

FORMS = {
    "Airtable token": r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}",
    "Artifactory token": r"(?:AKC[A-Za-z0-9]{60,80}|cmVmdGtu[A-Za-z0-9]{50,60})",
    "Anthropic key": r"sk-ant-[A-Za-z0-9_-]{20,200}",
    "Atlassian token": r"ATATT3[A-Za-z0-9_=-]{50,250}",
    "AWS Access Key": r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}",
    "Azure storage key": r"AccountKey=[A-Za-z0-9+/]{86}==",
    "Azure signature": r"sig=[A-Za-z0-9%/+_-]{43,99}=?",
    "bearer token": r"[Bb]earer (?=[A-Za-z._~+/=-]{0,99}\d)(?=[\d._~+/=-]{0,99}[A-Za-z])[\w.~+/=-]{20,4000}",
    "Databricks token": r"dapi[0-9a-f]{32}(?:-\d)?",
    "DigitalOcean token": r"do[oprt]_v1_[0-9a-f]{64}",
    "Discord Bot Token": r"[MNO][A-Za-z\d_-]{23,25}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,38}",
    "Discord webhook": r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[A-Za-z0-9_-]{60,80}",
    "Docker Hub token": r"dckr_[op]at_[A-Za-z0-9_-]{27,32}",
    "GitHub Token": r"(?:gh[opsur]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{22,251})",
    "GitLab token": r"gl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_.-]{20,300}",
    "Google API key": r"AIza[A-Za-z0-9_-]{35}",
    "Google OAuth secret": r"GOCSPX-[A-Za-z0-9_-]{28}",
    "Google OAuth token": r"ya29\.[A-Za-z0-9_-]{20,500}",
    "Grafana token": r"glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}",
    "HashiCorp Vault token": r"hv[bsr]\.[A-Za-z0-9_-]{20,300}",
    "Hugging Face token": r"hf_[A-Za-z0-9]{34}",
    "JSON Web Token": r"eyJ[A-Za-z0-9_=-]{10,4000}\.[A-Za-z0-9_=-]{10,8000}",
    "Linear key": r"lin_api_[A-Za-z0-9]{40}",
    "Mailchimp Access Key": r"[0-9a-f]{32}-us[0-9]{1,2}",
    "Notion token": r"(?:ntn_[A-Za-z0-9]{46}|secret_[A-Za-z0-9]{43})",
    "npm token": r"npm_[A-Za-z0-9]{36}",
    "OpenAI key": r"sk-(?:(?:proj|svcacct|admin)-[A-Za-z0-9_-]{20,250}|[A-Za-z0-9]{48})",
    "PyPI token": r"pypi-[A-Za-z0-9_-]{16,500}",
    "SendGrid API Key": r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    "Shopify token": r"shp(?:at|ca|pa|ss)_[0-9a-f]{32}",
    "Slack Token": r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,250}",
    "Slack webhook": r"hooks\.slack\.com/services/T\w{6,20}/B\w{6,20}/\w{20,40}",
    "Square OAuth Secret": r"sq0(?:csp|atp)-[A-Za-z0-9_-]{22,43}",
    "Stripe Access Key": r"[rs]k_live_[A-Za-z0-9]{24,250}",
    "Teams webhook": r"webhook\.office\.com/webhookb2/[0-9a-f@-]{36,73}/IncomingWebhook/[0-9a-f]{32}",
    "Twilio API Key": r"(?:AC|SK)[0-9a-f]{32}",
}
"""What each token looks like, by what it is."""

_FORM = re.compile(
    r"\b(?<!-)(?:(?<=\\)[nrt])?(?=[A-Za-z0-9]{2})"  # the n of \n, in a string
    rf"(?:{'|'.join(f'({form})' for form in FORMS.values())})(?![A-Za-z0-9_-])",
    re.ASCII,
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----[\s\"'+,\\nr]{0,99}[A-Za-z0-9+/]{32}"
)

PLACEHOLDER = re.compile(
    r"""(.)\1{3} | \.\.\. | … | ^\$ | %\( | <[^<>]{0,99}> | \{[^{}]{0,99}\}
    | change.?me | dummy | example | placeholder | redacted | replace | sample | your
    | (?<![a-z])(fake|foo|here|mock|none|null|test|todo|xxx)(?![a-z])""",
    re.IGNORECASE | re.VERBOSE,
)
"""What stands in the place of a secret."""


def tokens(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the place of each such secret in a text, what it is, and itself."""
    names = list(FORMS)
    for match in _FORM.finditer(text):
        kind = match.lastindex or 0
        if not PLACEHOLDER.search(match[kind]):
            yield match.start(kind), f"this {names[kind - 1]}", match[kind]
    for match in _PRIVATE_KEY.finditer(text):
        yield match.start(), "this private key", match[0]
