"""
Takes config texts, each with a profile or null (a JSON list of {config, profile} on stdin), as a program's whole AWS
configuration; writes for each what botocore's own chain finds there: keys or an error, the region, all settings.
"""

import json
import os
import sys
import tempfile

import botocore.exceptions
from botocore.session import Session

for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"


def read(config, profile, folder):
    os.environ["HOME"] = folder
    for name, variable, text in (
        ("config", "AWS_CONFIG_FILE", config),
        ("credentials", "AWS_SHARED_CREDENTIALS_FILE", ""),
    ):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.environ[variable] = path
    try:
        session = Session(profile=profile)
        found = session.get_credentials()
        return {
            "keys": None if found is None else found.method,
            "region": session.get_config_variable("region"),
            "settings": session.get_scoped_config(),
            "names": sorted(session.full_config["profiles"]),
            "sessions": sorted(session.full_config.get("sso_sessions", {})),
        }
    except botocore.exceptions.BotoCoreError as error:
        return {"refused": type(error).__name__}


with tempfile.TemporaryDirectory() as folder:
    print(json.dumps([read(each["config"], each["profile"], folder) for each in json.load(sys.stdin)]))
