from pyatlan.client.atlan import AtlanClient

client = AtlanClient()


def save(name):
    return client.asset.save(name)


def finish(count):
    print("finished", count)
