import argparse

import snowflake.connector

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description="""
Costs of queries
  by warehouse.
""",
        epilog='first line \
second line',
    )
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--explain", action="store_true")
    args = parser.parse_args()

    sql = f"""
select warehouse_name,
       sum(credits)   -- not rounded
from   usage
where  day >= dateadd(day, -{args.days}, current_date)
  and  note <> '''quoted'''
group  by 1
"""
    query = ("explain " + sql) \
        if args.explain \
        else sql
    connection = snowflake.connector.connect(
        account="acme",
        user=
            "svc",
      role="READER",
    )
    message = '''
    indented text
\ttab
''' + "a \
    b"
    connection.cursor().execute(query
    )
    print(query); print(message)
    print(
"at the margin",
        # a comment within the call

        sep="",
    )
