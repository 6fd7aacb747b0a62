import click
from pyatlan.client.atlan import AtlanClient


@click.group()
def assets():
    """Work on assets."""


@assets.command()
def purge():
    AtlanClient().asset.purge_by_guid("1")


if __name__ == "__main__":
    assets()
