#!/usr/bin/env python
# -*- coding: latin-1 -*-
# Autor: Jürgen Groß
import argparse

from pyatlan.client.atlan import AtlanClient

TEAMS = {"kaefer": "Käfer & Söhne"}


def label(team):
    return TEAMS.get(team, "für alle")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Gruppen prüfen")
    parser.add_argument("--team", default="")
    args = parser.parse_args()
    client = AtlanClient()
    größe = len(client.group.members(label(args.team)))
    print(f"Größe von {label(args.team)}: {größe}")
