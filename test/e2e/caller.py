"""Prints whom AWS takes boto3 for: with its default chain, or with each of the profiles that are named."""

import sys

import boto3

for profile in sys.argv[1:] or [None]:
    print(boto3.Session(profile_name=profile).client("sts").get_caller_identity()["Arn"])
