#!/bin/sh
# Before the files of the daemon without Electron go.
set -u

case "${1-}" in
  remove | 0) ;;
  *) exit 0 ;;
esac

echo "What Evercred has saved and set up in users' accounts stays: this cannot reach their keyrings."
echo "To take all of it back, each user runs, before the package is removed: evercred reset"

daemon=/usr/lib/evercred/headless.cjs
for file in /proc/[0-9]*/cmdline; do
  case "$(tr '\0' ' ' 2>/dev/null <"$file")" in
    # Who only looks at the file goes on.
    "node $daemon "* | "/usr/bin/node $daemon "*)
      process=${file#/proc/}
      kill -TERM "${process%/cmdline}" 2>/dev/null || true
      ;;
  esac
done
exit 0
