import argparse

import boto3
from tenacity import retry, stop_after_attempt, wait_exponential

s3 = boto3.client("s3")


@retry(stop=stop_after_attempt(5), wait=wait_exponential(multiplier=2), reraise=True)
def upload(path, bucket):
    with open(path, "rb") as body:
        s3.put_object(Bucket=bucket, Key=path, Body=body.read())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--bucket", default="atlan-drop")
    args = parser.parse_args()
    upload(args.path, args.bucket)
    print("uploaded", args.path)
