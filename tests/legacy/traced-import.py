import argparse

from opentelemetry import trace

tracer = trace.get_tracer("import")


def import_row(number):
    span.add_event("row", {"number": number})
    print("row", number)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1)
    args = parser.parse_args()
    with tracer.start_as_current_span("run") as span, open("rows.txt", "w") as out:
        for number in range(args.rows):
            import_row(number)
            out.write(f"{number}\n")
        span.set_attribute("rows", args.rows)
