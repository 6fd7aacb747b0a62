import argparse

from pyatlan.client.atlan import AtlanClient
from pyatlan.model.assets import AtlasGlossary


def create(client, name):
	glossary = AtlasGlossary.creator(name=name)
	if glossary:
		client.asset.save(glossary)
	return glossary


if __name__ == "__main__":
	parser = argparse.ArgumentParser()
	parser.add_argument("name")
	parser.add_argument("--readme", action="store_true")
	args = parser.parse_args()
	client = AtlanClient()
	glossary = create(client, args.name)
	if args.readme:
		text = """Terms:
		- one
			- deeper
"""
		glossary.readme = text
		print(text)
	print(glossary)
