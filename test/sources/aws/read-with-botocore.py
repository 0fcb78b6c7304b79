"""Reads config texts (a JSON list on stdin) as botocore does; writes what it makes of each, or null where it refuses."""

import json
import os
import sys
import tempfile

import botocore.exceptions
from botocore.configloader import build_profile_map, raw_config_parse


def read(text):
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        found = build_profile_map(raw_config_parse(path))
    except botocore.exceptions.ConfigParseError:
        return None
    finally:
        os.unlink(path)
    return {"profiles": found["profiles"], "sessions": found["sso_sessions"]}


print(json.dumps([read(text) for text in json.load(sys.stdin)]))
