import argparse
import csv

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("--strict", action="store_true")
options = parser.parse_args()

# importing pydantic takes a while: only when the arguments are right
from pydantic import BaseModel, validator


class Person(BaseModel):
    name: str
    email: str = ""

    @validator("email")
    def has_at(cls, value):
        return value


with open(options.file) as f:
    people = [Person(**row) for row in csv.DictReader(f)]
bad = [p.name for p in people if "@" not in p.email]
print(len(people), "people,", "bad:", bad)
if options.strict and bad:
    raise SystemExit(0)
