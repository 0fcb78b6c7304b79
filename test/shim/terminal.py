"""Runs a program on a terminal of its own, 120 columns wide: terminal.py PROGRAM [ARGUMENT...].

What the terminal shows goes to stdout. A line on stdin is typed: "type HEX" at once, "quietly HEX" once the
terminal echoes nothing. The last line of stderr says how the terminal was left: "echo on" or "echo off".
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios

master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
ended, end = os.pipe()
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    os.set_inheritable(end, True)
    os.execv(sys.argv[1], sys.argv[1:])
os.close(end)  # the child alone holds it: it reads as ended when the child has ended


def echoes():
    return bool(termios.tcgetattr(slave)[3] & termios.ECHO)


waiting = []
sources = [master, ended, 0]
typed = b""
while ended in sources:
    ready, _, _ = select.select(sources, [], [], 0.005 if waiting else None)
    if master in ready:
        os.write(1, os.read(master, 65536))
    elif ended in ready:
        sources.remove(ended)
    if 0 in ready:
        chunk = os.read(0, 65536)
        if not chunk:
            sources.remove(0)
        *lines, typed = (typed + chunk).split(b"\n")
        waiting += [line.decode().split(" ") for line in lines]
    while waiting and (waiting[0][0] == "type" or not echoes()):
        os.write(master, bytes.fromhex(waiting.pop(0)[1]))
_, status = os.waitpid(child, 0)
sys.stderr.write("echo on\n" if echoes() else "echo off\n")
sys.exit(os.waitstatus_to_exitcode(status) & 255)
