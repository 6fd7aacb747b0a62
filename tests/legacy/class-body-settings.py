import argparse

from pyatlan.client.atlan import AtlanClient

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--env", choices=["dev", "prod"], default="dev")
    args = parser.parse_args()
    host = f"https://{args.env}.example.com"
    timeout = 30 if args.env == "prod" else 5

    class Settings:
        host = host
        timeout = timeout
        urls = [host + "/" + part for part in ("api", "ui")]

        def describe(self):
            return f"{self.host} ({timeout}s)"

    client = AtlanClient(base_url=Settings.host, timeout=Settings.timeout)
    print(Settings().describe(), Settings.urls)
    client.user.get_current()
