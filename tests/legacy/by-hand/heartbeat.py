"""Tells Slack that the tenant answers."""

import argparse
import os

from pyatlan.client.atlan import AtlanClient
from slack_sdk import WebClient


def current_user(client: AtlanClient):
    return client.user.get_current()


def notify(channel: str, user) -> None:
    slack = WebClient(token=os.environ.get("SLACK_TOKEN"))
    slack.chat_postMessage(
        channel=channel,
        text=f":white_check_mark: tenant answers as {user.username}",
    )
    print("told", channel)


def main(args: argparse.Namespace) -> None:
    channel = os.environ.get("SLACK_CHANNEL", "#data-platform")
    client = AtlanClient()
    user = current_user(client)
    notify(channel, user)


if __name__ == "__main__":
    main(argparse.Namespace())
