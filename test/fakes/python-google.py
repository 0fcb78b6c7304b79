"""What google-auth for Python gets: an access token for the scopes in argv, or with `--audience AUD` an identity token."""

import json
import sys

import google.auth
import google.auth.exceptions
import google.auth.transport.requests
import google.oauth2.id_token

CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform"


def access_token(scopes):
    credentials, project = google.auth.default(scopes=scopes or [CLOUD_PLATFORM])
    credentials.refresh(google.auth.transport.requests.Request())
    expiry = credentials.expiry and credentials.expiry.isoformat() + "Z"
    return {"token": credentials.token, "expiry": expiry, "project": project}


def id_token(audience):
    request = google.auth.transport.requests.Request()
    return {"token": google.oauth2.id_token.fetch_id_token(request, audience)}


words = sys.argv[1:]
try:
    got = id_token(words[1]) if words[:1] == ["--audience"] else access_token(words)
except google.auth.exceptions.GoogleAuthError as error:
    got = {"error": str(error), "kind": type(error).__name__}
print(json.dumps(got))
