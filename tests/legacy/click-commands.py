import click
from pyatlan.client.atlan import AtlanClient


@click.command()
def archive():
    AtlanClient().asset.delete_by_guid("1")


@click.command()
def purge():
    AtlanClient().asset.purge_by_guid("1")


if __name__ == "__main__":
    archive()
