import argparse
import sys

from pyatlan.client.atlan import AtlanClient


def main(client: AtlanClient, glossary: str, *terms: str, dry_run: bool = False, limit=2) -> int:
    """Link terms to a glossary."""
    done = 0
    for term in terms[:limit]:
        if dry_run:
            print("would link", term, "to", glossary)
            continue
        client.asset.link(glossary, term)
        done += 1
    return done


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("glossary")
    parser.add_argument("terms", nargs="*")
    parser.add_argument("--dry-run", action="store_true")
    args = parser.parse_args()
    client = AtlanClient()
    try:
        linked = main(client, args.glossary, "all", *args.terms, dry_run=args.dry_run)
    except ValueError as error:
        sys.exit(f"failed: {error}")
    print("linked", linked)
