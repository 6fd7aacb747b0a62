import click
from pyatlan.client.atlan import AtlanClient


@click.command()
@click.option("--limit", default=2, help="How many assets.")
@click.argument("name")
def purge(limit, name):
    """Purge assets by their name."""
    client = AtlanClient()
    for _ in range(limit):
        client.asset.purge_by_guid(name)


if __name__ == "__main__":
    purge()
