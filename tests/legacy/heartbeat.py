# Tells Slack that the tenant answers.
import os

from pyatlan.client.atlan import AtlanClient
from slack_sdk import WebClient

channel = os.environ.get("SLACK_CHANNEL", "#data-platform")
client = AtlanClient()
user = client.user.get_current()

slack = WebClient(token=os.environ.get("SLACK_TOKEN"))
slack.chat_postMessage(
    channel=channel,
    text=f":white_check_mark: tenant answers as {user.username}",
)
print("told", channel)
