import argparse
import sys

from pyatlan.client.atlan import AtlanClient


def check_role(role: str) -> None:
    if role not in ("admin", "member"):
        raise ValueError(f"unknown role {role}")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--role", default="member")
    args = parser.parse_args()
    return args


def change_roles(client: AtlanClient, role: str) -> None:
    for user in client.user.get_all():
        client.user.change_role(user.id, role)
        print(user.username, "is now", role)


def main(args: argparse.Namespace) -> None:
    check_role(args.role)
    client = AtlanClient()
    change_roles(client, args.role)


if __name__ == "__main__":
    try:
        main(parse())
    except ValueError as error:
        print("failed:", error, file=sys.stderr)
        sys.exit(1)
    finally:
        # the scheduler greps for this line
        print("== end of sync ==")
