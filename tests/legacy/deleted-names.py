import argparse

import requests


def headers():
    return {"Authorization": f"Bearer {token}"}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("token")
    parser.add_argument("--show", action="store_true")
    args = parser.parse_args()
    token = args.token
    parts = {"a": 1, "b": 2}
    requests.get("https://tenant.example.com/api", headers=headers())
    del token
    del parts["a"], parser
    try:
        headers()
    except NameError:
        print("token forgotten", parts)
    if args.show:
        token = "***"
        print(headers())
