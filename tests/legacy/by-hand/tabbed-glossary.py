import argparse

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import AtlasGlossary

README = """Terms:
		- one
			- deeper
"""


def create(client, name):
    glossary = AtlasGlossary.creator(name=name)
    if glossary:
        client.asset.save(glossary)
    return glossary


def add_readme(glossary: AtlasGlossary) -> None:
    glossary.readme = README
    print(README)


def main(args: argparse.Namespace) -> None:
    client = AtlanClient()
    glossary = create(client, args.name)
    if args.readme:
        add_readme(glossary)
    print(glossary)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--readme", action="store_true")
    main(parser.parse_args())
