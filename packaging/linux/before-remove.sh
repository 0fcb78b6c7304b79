#!/bin/sh
# Before the files go, of a deb (remove, upgrade …) and of an rpm (the number of versions that stay).
set -u

case "${1-}" in
  remove | 0) ;;
  *) exit 0 ;;
esac

echo "What Evercred has saved and set up in users' accounts stays: this cannot reach their keyrings."
echo "To take all of it back, each user runs, before the package is removed: evercred reset"

# A program whose files are gone can open no window: those that run end, as at a logout.
program=/opt/Evercred/evercred-app
for link in /proc/[0-9]*/exe; do
  case "$(readlink "$link" 2>/dev/null)" in
    # The second is what runs since before an upgrade.
    "$program" | "$program (deleted)")
      process=${link#/proc/}
      kill -TERM "${process%/exe}" 2>/dev/null || true
      ;;
  esac
done
exit 0
