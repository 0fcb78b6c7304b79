#!/bin/sh
# After the files are in place, of a deb and of an rpm. Nothing here may fail the installation.
set -u

# Where AppArmor keeps programs from user namespaces, a profile gives them back to this one. An older AppArmor does not
# know the rule, and does not restrict them either.
source=/opt/Evercred/resources/apparmor-profile
target=/etc/apparmor.d/evercred
if apparmor_status --enabled >/dev/null 2>&1 &&
  apparmor_parser --skip-kernel-load --skip-cache "$source" >/dev/null 2>&1; then
  cp -f "$source" "$target"
  # In a chroot, where an image is made, nothing is loaded.
  if ! { [ -x /usr/bin/ischroot ] && /usr/bin/ischroot; }; then
    apparmor_parser --replace --write-cache --skip-read-cache "$target" || true
  fi
fi

if command -v update-desktop-database >/dev/null 2>&1; then
  update-desktop-database -q /usr/share/applications || true
fi
exit 0
