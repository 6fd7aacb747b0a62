"""Write the list of csa's rules: python -m docs.rules writes rules.md beside this file."""

from __future__ import annotations

from pathlib import Path

from csa.check import RULES

HERE = Path(__file__).resolve().parent

HEAD = """\
# The rules of `csa check`

`csa check --explain CSA502` prints one of them. A package ignores a rule with a reason, in its
pyproject.toml:

```toml
[tool.csa.ignore]
CSA502 = "The script finds its drivers by name."
```
"""


def page() -> str:
    """Return the list in Markdown."""
    parts = [
        "\n\n".join([f"## {rule.id}", f"**{rule.sentence}**", *rule.reasons])
        for rule in RULES.values()
    ]
    return "\n\n".join([HEAD.strip(), *parts]) + "\n"


if __name__ == "__main__":
    (HERE / "rules.md").write_text(page())
