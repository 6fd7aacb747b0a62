import argparse
import re

import snowflake.connector

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--month", required=True, help="YYYY-MM")
    args = parser.parse_args()
    connection = snowflake.connector.connect(account="acme", warehouse="WH")
    try:
        if not re.fullmatch(r"\d{4}-\d{2}", args.month):
            raise SystemExit("month must be YYYY-MM")
        cursor = connection.cursor()
        cursor.execute("select warehouse, sum(credits) from usage where month = %s", (args.month,))
        for number, row in enumerate(cursor.fetchall()):
            print(number, row)
    finally:
        connection.close()
        print("closed")
