import argparse

from core import main

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    arguments = parser.parse_args()
    print("handing over")
    main(arguments.name)
