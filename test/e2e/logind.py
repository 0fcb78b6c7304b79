"""The login service of a system: one person's session on the screen, on the bus of DBUS_SYSTEM_BUS_ADDRESS.

Takes orders as JSON lines on stdin, and answers each with one line on stdout once it is done.
"""

import json
import os
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

SERVICE = "org.freedesktop.login1"
MANAGER = "org.freedesktop.login1.Manager"
SESSION = "org.freedesktop.login1.Session"
USER = "org.freedesktop.login1.User"
PROPERTIES = "org.freedesktop.DBus.Properties"
SCREEN = "/org/freedesktop/login1/session/_32"
TERMINAL = "/org/freedesktop/login1/session/_35"
PERSON = "/org/freedesktop/login1/user/_1000"


class Manager(dbus.service.Object):
    @dbus.service.method(MANAGER, in_signature="ssss", out_signature="h")
    def Inhibit(self, what, who, why, mode):
        reader, writer = os.pipe()
        os.close(reader)
        return dbus.types.UnixFd(writer)

    @dbus.service.method(MANAGER, in_signature="u", out_signature="o")
    def GetSessionByPID(self, pid):
        if kind in ("service", "nobody"):
            raise dbus.DBusException("no session", name=f"{SERVICE}.NoSessionForPID")
        return dbus.ObjectPath(TERMINAL if kind == "terminal" else SCREEN)

    @dbus.service.method(MANAGER, in_signature="u", out_signature="o")
    def GetUser(self, uid):
        if kind == "nobody":
            raise dbus.DBusException("no user", name=f"{SERVICE}.NoSuchUser")
        return dbus.ObjectPath(PERSON)

    @dbus.service.signal(MANAGER, signature="b")
    def PrepareForSleep(self, begins):
        pass


class Owner(dbus.service.Object):
    def __init__(self, connection, path, interface, properties):
        super().__init__(connection, path)
        self.interface = interface
        self.properties = properties

    @dbus.service.method(PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.properties[str(name)]

    @dbus.service.signal(PROPERTIES, signature="sa{sv}as")
    def PropertiesChanged(self, interface, changed, invalidated):
        pass

    def set(self, changed):
        self.properties.update(changed)
        self.PropertiesChanged(self.interface, changed, [])


class Session(Owner):
    @dbus.service.signal(SESSION, signature="")
    def Lock(self):
        pass

    @dbus.service.signal(SESSION, signature="")
    def Unlock(self):
        pass


def session(path, kind):
    properties = {"Type": kind, "LockedHint": False, "IdleHint": False, "Active": True}
    return Session(bus, path, SESSION, properties)


def obey(_source, _condition):
    text = sys.stdin.readline()
    if not text:
        loop.quit()
        return False
    order = json.loads(text)
    if "set" in order:
        screen.set(order["set"])
    elif "signal" in order:
        getattr(screen, order["signal"])()
    elif "sleep" in order:
        manager.PrepareForSleep(order["sleep"])
    bus.flush()
    print(json.dumps({"done": True}), flush=True)
    return True


kind = sys.argv[1]
DBusGMainLoop(set_as_default=True)
bus = dbus.bus.BusConnection(os.environ["DBUS_SYSTEM_BUS_ADDRESS"])
manager = Manager(bus, "/org/freedesktop/login1")
screen = session(SCREEN, "wayland")
terminal = session(TERMINAL, "tty")
person = Owner(bus, PERSON, USER, {"Display": dbus.Struct(("2", dbus.ObjectPath(SCREEN)))})
if kind == "locked":
    screen.properties["LockedHint"] = True
name = dbus.service.BusName(SERVICE, bus)
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, obey)
print(json.dumps({"done": True}), flush=True)
loop.run()
