import argparse

import boto3

REGION = "none"

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("settings")
    args = parser.parse_args()
    exec(open(args.settings).read())
    boto3.client("s3", region_name=REGION)
    print("region", REGION)
