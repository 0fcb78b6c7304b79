#!/bin/sh
# Installs Evercred with its policy and Claude Code's managed settings, and verifies all three. For Jamf Pro and its kin,
# as root: $4 is the package, $5 the policy, $6 the managed settings, $7 the team that has to have signed the package.
set -eu
package=$4 policy=$5 settings=$6 team=$7

fail() {
  printf 'evercred: %s\n' "$1" >&2
  exit 1
}

# Owned by root and renamed into place: nobody reads half of it, and nobody else can change it.
put() {
  mkdir -p "$(dirname "$2")"
  chown root:wheel "$(dirname "$2")"
  chmod 755 "$(dirname "$2")"
  cp "$1" "$2.new"
  chown root:wheel "$2.new"
  chmod 644 "$2.new"
  mv "$2.new" "$2"
}

chain=$(pkgutil --check-signature "$package") || fail "$package is not signed by whom macOS trusts."
printf '%s\n' "$chain" | grep -q "Developer ID Installer: .* ($team)" ||
  fail "$package is not signed by $team."
# Where Gatekeeper is off, spctl accepts anything: what counts is the source that it names.
spctl --assess --verbose --type install "$package" 2>&1 | grep -q '^source=Notarized Developer ID$' ||
  fail "$package is not notarised."

installer -pkg "$package" -target /
put "$policy" '/Library/Application Support/Evercred/policy.json'
put "$settings" '/Library/Application Support/ClaudeCode/managed-settings.json'

[ -x /usr/local/bin/evercred ] || fail "The client is not at /usr/local/bin/evercred."
codesign --verify --strict -R="anchor apple generic and certificate leaf[subject.OU] = \"$team\"" \
  /Applications/Evercred.app || fail "The installed app is not signed by $team."
/usr/local/bin/evercred version
