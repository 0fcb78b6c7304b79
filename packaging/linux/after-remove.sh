#!/bin/sh
# After the files are gone, of a deb (remove, purge, upgrade …) and of an rpm (the number of versions that stay).
set -u

case "$1" in
  remove | purge | 0) ;;
  *) exit 0 ;;
esac

# An administrator's edits go with a purge only.
profile=/etc/apparmor.d/evercred
mark="# Written by the package of Evercred, which keeps what you edit; the sum of the rest:"
if [ -f "$profile" ]; then
  if apparmor_status --enabled >/dev/null 2>&1 && ! { [ -x /usr/bin/ischroot ] && /usr/bin/ischroot; }; then
    apparmor_parser --remove "$profile" || true
  fi
  if [ "$1" = purge ] ||
    [ "$(head -n 1 "$profile")" = "$mark $(tail -n +2 "$profile" | sha256sum | cut -c 1-64)" ]; then
    rm -f "$profile"
  fi
fi

if command -v update-desktop-database >/dev/null 2>&1; then
  update-desktop-database -q /usr/share/applications || true
fi
exit 0
