import argparse
import logging
import os

from dotenv import load_dotenv

load_dotenv()
logging.basicConfig(
    level=os.environ.get("LOG_LEVEL", "INFO"),
    format="%(levelname)s %(message)s",
)

SLACK_CHANNEL = os.environ.get("SLACK_CHANNEL", "#none")
BATCH = int(os.getenv("BATCH", 50))
log = logging.getLogger(__name__)

from slack_sdk import WebClient


def post(text, channel=SLACK_CHANNEL):
    log.info("posting to %s in batches of %d", channel, BATCH)
    WebClient().chat_postMessage(channel=channel, text=text)


parser = argparse.ArgumentParser()
parser.add_argument("text")
parser.add_argument("--channel", default=SLACK_CHANNEL)
args = parser.parse_args()
post(args.text, args.channel)
log.info("posted")
