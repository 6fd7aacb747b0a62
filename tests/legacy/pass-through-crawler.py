import argparse

import requests

BASE = "https://tenant.example.com/api/service/workflows"

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--connector", required=True)
    args, rest = parser.parse_known_args()

    parameters = {}
    for flag, value in zip(rest[::2], rest[1::2]):
        parameters[flag.lstrip("-")] = value
    response = requests.post(
        BASE,
        json={"connector": args.connector, "parameters": parameters},
        timeout=30,
    )
    response.raise_for_status()
    print(args, "with", len(rest), "arguments passed through")
