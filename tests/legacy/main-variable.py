import argparse

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("connection")
    parser.add_argument("--others", action="store_true")
    args = parser.parse_args()
    client = AtlanClient()
    # the main connection, the others mirror it
    main = client.connection.get(args.connection)
    print("main:", main)
    if args.others:
        for other in client.connection.mirrors(main):
            print("other:", other)
