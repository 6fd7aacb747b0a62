import argparse

from slack_sdk import WebClient

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("tenant")
    parser.add_argument("--days", type=int, default=1)
    args = parser.parse_args()
    tenant = args.tenant
    days = args.days
    text = "{tenant}: report of {days} days".format(**locals())
    WebClient().chat_postMessage(channel="#x", text=text)
    print(text, "days" in vars())
