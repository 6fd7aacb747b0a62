import argparse
import re

import snowflake.connector

QUERY = "select warehouse, sum(credits) from usage where month = %s"


def check_month(month: str) -> None:
    if not re.fullmatch(r"\d{4}-\d{2}", month):
        raise SystemExit("month must be YYYY-MM")


def query_costs(connection, month: str):
    """Return the credits of each warehouse."""
    cursor = connection.cursor()
    cursor.execute(QUERY, (month,))
    return cursor.fetchall()


def main(args: argparse.Namespace) -> None:
    connection = snowflake.connector.connect(account="acme", warehouse="WH")
    try:
        check_month(args.month)
        for number, row in enumerate(query_costs(connection, args.month)):
            print(number, row)
    finally:
        connection.close()
        print("closed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--month", required=True, help="YYYY-MM")
    args = parser.parse_args()
    main(args)
