"""Python as text: read and never run, for adoption and for checks."""
