"""
Resolves every profile of pairs of files (a JSON list of {config, credentials} on stdin) with botocore's own
resolver; writes for each pair what each profile's credential would be made of. Asks no network and runs no program:
only the last step of each provider, the request itself, is not taken.
"""

import json
import os
import sys
import tempfile

import botocore.credentials as credentials
import botocore.exceptions
from botocore.session import Session

for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]

# Between the refresher and the fetcher, which knows the role, stands a closure where a device is named.
credentials.create_mfa_serial_refresher = lambda refresh: refresh


def run_nothing(self, command):
    return {"access_key": json.dumps({"kind": "process", "command": command}), "secret_key": "s"}


def source_nothing(self, name):
    return credentials.Credentials(json.dumps({"kind": "machine", "source": name}), "s")


# These make connections ready, and nobody asks for them here.
credentials.InstanceMetadataFetcher = lambda **options: None
credentials.ContainerProvider.__init__ = lambda self: None
credentials.ProcessProvider._retrieve_credentials_using = run_nothing
credentials.CanonicalNameCredentialSourcer.source_credentials = source_nothing


def describe(found):
    """What stands behind a credential: JSON that a patch above has left, static keys, or a fetcher."""
    refresh = getattr(found, "_refresh_using", None)
    if refresh is None:
        key = found.access_key
        if key.startswith("{"):
            return json.loads(key)
        return {"kind": "keys", "id": key, "secret": found.secret_key, "token": found.token or None}
    fetcher = refresh.__self__
    if isinstance(fetcher, credentials.SSOCredentialFetcher):
        return {
            "kind": "sso",
            "startUrl": fetcher._start_url,
            "ssoRegion": fetcher._sso_region,
            "account": fetcher._account_id,
            "role": fetcher._role_name,
        }
    asked = fetcher._assume_kwargs
    role = {
        "arn": asked["RoleArn"],
        "session": asked.get("RoleSessionName") if not fetcher._using_default_session_name else None,
    }
    if isinstance(fetcher, credentials.AssumeRoleWithWebIdentityCredentialFetcher):
        return {"kind": "web-identity", "file": fetcher._web_identity_token_loader._web_identity_token_path, **role}
    return {
        "kind": "role",
        **role,
        "externalId": asked.get("ExternalId"),
        "seconds": asked.get("DurationSeconds"),
        "device": asked.get("SerialNumber"),
        "from": describe(fetcher._source_credentials),
    }


def resolve(name):
    try:
        session = Session(profile=name, include_builtin_handlers=False)
        resolver = credentials.create_credential_resolver(session)
        ours = (
            "assume-role",
            "assume-role-with-web-identity",
            "sso",
            "shared-credentials-file",
            "custom-process",
            "config-file",
        )
        resolver.providers = [each for each in resolver.providers if each.METHOD in ours]
        found = resolver.load_credentials()
        if found is None:
            return {"kind": "none"}
        return {**describe(found), "region": session.get_config_variable("region")}
    except botocore.exceptions.BotoCoreError as error:
        return {"kind": "refused", "why": type(error).__name__}


def read(files, folder):
    for name, variable in (("config", "AWS_CONFIG_FILE"), ("credentials", "AWS_SHARED_CREDENTIALS_FILE")):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(files.get(name, ""))
        os.environ[variable] = path
    try:
        names = Session(include_builtin_handlers=False).available_profiles
    except botocore.exceptions.BotoCoreError as error:
        return {"refused": type(error).__name__}
    return {name: resolve(name) for name in names}


with tempfile.TemporaryDirectory() as folder:
    print(json.dumps([read(files, folder) for files in json.load(sys.stdin)]))
