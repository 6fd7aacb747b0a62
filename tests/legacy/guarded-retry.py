import argparse
import functools

import requests
from tenacity import retry, stop_after_attempt


def announced(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        print("calling", function.__name__, args)
        return function(*args, **kwargs)

    return wrapper


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--attempts", type=int, default=3)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    attempts = args.attempts

    @announced
    @retry(stop=stop_after_attempt(attempts), reraise=True)
    def trigger(name):
        return requests.post(f"https://tenant.example.com/run/{name}", timeout=attempts)

    for name in args.names:
        print(trigger(name).status_code)
