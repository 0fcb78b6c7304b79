#!/bin/sh
# What the system's autostart entry runs. On a computer that many use it starts the app only for those who have something
# to sign in to: looking costs a millisecond, an app that leaves again would cost every login half a second.
set -u

config=${XDG_CONFIG_HOME:-$HOME/.config}
own=${EVERCRED_HOME:+$EVERCRED_HOME/config}
own=${own:-$config/evercred}
for file in \
  "${AWS_CONFIG_FILE:-$HOME/.aws/config}" \
  "${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}" \
  "${GOOGLE_APPLICATION_CREDENTIALS:-${CLOUDSDK_CONFIG:-$config/gcloud}/application_default_credentials.json}" \
  "$own/config.json" \
  /etc/evercred/policy.json; do
  if [ -s "$file" ]; then exec /opt/Evercred/evercred-app --at-login; fi
done
exit 0
