from pyatlan.client.atlan import AtlanClient

client = AtlanClient()
# how many to ask for
size = 3
found = list(client.search.pages(size=size))

# those that count
wanted = {"Table", "View"}
for page in found[:size]:
    print(page, page.type in wanted)
