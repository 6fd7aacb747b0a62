import argparse

print(__doc__)
"""
What follows asks for the certified tables.
"""
from pyatlan.client.atlan import AtlanClient

"""and prints them"""
for table in AtlanClient().search.certified():
    print(table)
