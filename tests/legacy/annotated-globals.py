import argparse

import requests


def call(path):
    for attempt in range(retries):
        response = requests.get("https://tenant.example.com" + path, timeout=5)
        print("attempt", attempt, response.status_code == 200)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--retries", type=int, default=1)
    args = parser.parse_args()
    retries: int = args.retries
    call("/api/meta/types")
