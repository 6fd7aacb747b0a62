import argparse
import sys

from pyatlan.client.atlan import AtlanClient


def check_role(role):
    if role not in ("admin", "member"):
        raise ValueError(f"unknown role {role}")


if __name__ == "__main__":
    try:
        parser = argparse.ArgumentParser()
        parser.add_argument("--role", default="member")
        args = parser.parse_args()
        check_role(args.role)
        client = AtlanClient()
        for user in client.user.get_all():
            client.user.change_role(user.id, args.role)
            print(user.username, "is now", args.role)
    except ValueError as error:
        print("failed:", error, file=sys.stderr)
        sys.exit(1)
    finally:
        # the scheduler greps for this line
        print("== end of sync ==")
