/**
 * What the shim has /bin/sh do for `bridge ssh`: `$1` is the host, `$2` the bridge's directory, the others are the
 * words of a command for there. Exits as that command does; 125 where it comes to none.
 *
 * - One connection carries everything: nobody is asked for a password twice.
 * - The host is trusted with what the bridge serves and with nothing else. Its answer becomes a part of an order to
 *   ssh, so it is looked at first.
 * - Any shell may greet us there. It sees paths of ours only: the token and the command travel as files.
 * - A shell heeds signals between its commands, or in `wait`: so the session runs in the background, with the
 *   terminal kept on a descriptor that is free. The connection to the daemon, whose end ends the bridge, is on another.
 * - A signal may arrive before the session's number is in a variable of ours; the shell itself has it by then.
 */
export const sshScript = String.raw`
host=$1 bridge=$2
shift 2
umask 077

finish() {
  trap '' HUP INT TERM
  [ -z "$running" ] || kill "$!" 2>/dev/null
  [ -z "$remote" ] || there "rm -rf $remote" </dev/null >/dev/null 2>&1
  ssh -S "$control" -O exit -- "$host" >/dev/null 2>&1
  rm -rf "$work"
}

fail() {
  printf 'evercred: %s\n' "$1" >&2
  exit 125
}

there() {
  ssh -S "$control" -T -o RemoteCommand=none -o BatchMode=yes -o ConnectTimeout=5 -- "$host" "$@"
}

quoted() {
  printf '%s\n' "$1" | LC_ALL=C sed "s/'/'\\\\''/g; 1s/^/'/; \$s/\$/' \\\\/"
}

order() {
  printf '%s\n' "EVERCRED_BRIDGE=$remote; export EVERCRED_BRIDGE"
  printf '%s\n' "command -v evercred >/dev/null || echo 'evercred: There is no evercred in the PATH of $host yet.' >&2"
  if [ $# -eq 0 ]; then
    printf '%s\n' 'exec "$SHELL" -l'
  else
    printf '%s\n' 'exec \'
    for word; do quoted "$word"; done
    echo
  fi
}

remote= running=
work=$(mktemp -d) || exit 125
control=$work/control
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

ssh -M -S "$control" -f -N -o RemoteCommand=none -- "$host" </dev/null ||
  fail "ssh does not reach $host."
answer=$(there 'mktemp -d /tmp/evercred-bridge-XXXXXXXXXX' </dev/null | tail -n 1)
case $answer in
  /tmp/evercred-bridge-*[!A-Za-z0-9]*) fail "$host gives a strange answer." ;;
  /tmp/evercred-bridge-*) remote=$answer ;;
  *) fail "$host has no room for a bridge." ;;
esac
there "umask 077; cat >$remote/token" <"$bridge/token" || fail "$host takes no token."
order "$@" | there "umask 077; cat >$remote/order" || fail "$host takes no command."
ssh -S "$control" -O forward -R "$remote/socket:$bridge/socket" -- "$host" ||
  fail "$host lets no socket be forwarded: AllowStreamLocalForwarding in its sshd_config."

free=
for each in 9 8 7 6 5 4 3; do
  ( : <&$each ) 2>/dev/null || { free=$each; break; }
done
[ -n "$free" ] || fail "Too many files are open."
eval "exec $free<&0"
if [ -t 0 ]; then terminal=-t; else terminal=-T; fi
running=yes
eval 'ssh -S "$control" $terminal -o RemoteCommand=none -- "$host" "exec sh $remote/order" <&'$free' &'
wait "$!"
status=$?
running=
exit $status
`;
