import argparse

from pyatlan.client.atlan import AtlanClient


def push(client, name, value):
  if value is None:
    return False
  client.asset.metric(
    name=name,
    value=value)
  return True


if __name__ == "__main__":
  parser = argparse.ArgumentParser()
  parser.add_argument("--metric", required=True)
  parser.add_argument("--value", type=float)
  args = parser.parse_args()

  client = AtlanClient()
  if push(client, args.metric, args.value):
    print("pushed")
  else:
    print("no value for",
          args.metric)
