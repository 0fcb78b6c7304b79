#!/bin/sh
# After the files are in place, of a deb and of an rpm. Nothing here may fail the installation.
set -u

# Where AppArmor keeps programs from user namespaces, a profile gives them back to this one. An older AppArmor does not
# know the rule, and does not restrict them either. So it cannot be a file of the package, which would stand everywhere.
source=/opt/Evercred/resources/apparmor-profile
target=/etc/apparmor.d/evercred
mark="# Written by the package of Evercred, which keeps what you edit; the sum of the rest:"

# What an administrator has edited has another sum than its first line says.
is_edited() {
  [ -e "$target" ] || [ -L "$target" ] || return 1
  [ "$(head -n 1 "$target")" != "$mark $(tail -n +2 "$target" | sha256sum | cut -c 1-64)" ]
}

if apparmor_status --enabled >/dev/null 2>&1 &&
  apparmor_parser --skip-kernel-load --skip-cache "$source" >/dev/null 2>&1; then
  if ! is_edited; then
    {
      echo "$mark $(sha256sum <"$source" | cut -c 1-64)"
      cat "$source"
    } >"$target.new" && chmod 644 "$target.new" && mv -f "$target.new" "$target"
  fi
  # In a chroot, where an image is made, nothing is loaded; nor where an administrator has switched the profile off.
  if ! { [ -x /usr/bin/ischroot ] && /usr/bin/ischroot; } && [ ! -e /etc/apparmor.d/disable/evercred ]; then
    apparmor_parser --replace --write-cache --skip-read-cache "$target" || true
  fi
fi

if command -v update-desktop-database >/dev/null 2>&1; then
  update-desktop-database -q /usr/share/applications || true
fi
exit 0
