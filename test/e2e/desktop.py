"""The parts of a desktop that a tray app talks to: a tray and a notification server on the session bus.

Says what happens as JSON lines on stdout; takes orders as JSON lines on stdin, and answers each with one line.
"""

import json
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
NOTIFICATIONS = "org.freedesktop.Notifications"
PROPERTIES = "org.freedesktop.DBus.Properties"


def say(**what):
    print(json.dumps(what), flush=True)


class Tray(dbus.service.Object):
    item = None

    @dbus.service.method(WATCHER, in_signature="s", sender_keyword="sender")
    def RegisterStatusNotifierItem(self, name, sender=None):
        name = str(name)
        self.item = (sender, name) if name.startswith("/") else (name, "/StatusNotifierItem")
        say(event="item")

    @dbus.service.method(WATCHER, in_signature="s")
    def RegisterStatusNotifierHost(self, name):
        pass

    def properties(self):
        return {
            "IsStatusNotifierHostRegistered": dbus.Boolean(True),
            "ProtocolVersion": dbus.Int32(0),
            "RegisteredStatusNotifierItems": dbus.Array([], signature="s"),
        }

    @dbus.service.method(PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.properties()[str(name)]

    @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface):
        return self.properties()

    @dbus.service.signal(WATCHER, signature="")
    def StatusNotifierHostRegistered(self):
        pass

    def menu(self):
        name, path = self.item
        get = dbus.Interface(self.connection.get_object(name, path), PROPERTIES).Get
        menu = self.connection.get_object(name, str(get(ITEM, "Menu")))
        return get, dbus.Interface(menu, MENU)

    def read(self):
        get, menu = self.menu()
        _, root = menu.GetLayout(0, -1, dbus.Array([], signature="s"))
        tooltip = get(ITEM, "ToolTip")
        width, height, pixels = get(ITEM, "IconPixmap")[0]
        return {
            "tooltip": str(tooltip[2] or tooltip[3]),
            "icon": {"width": int(width), "pixels": bytes(pixels).hex()},
            "lines": [line(child) for child in root[2]],
        }

    def choose(self, number):
        _, menu = self.menu()
        menu.Event(number, "clicked", dbus.Int32(0), dbus.UInt32(0))

    def activate(self):
        name, path = self.item
        dbus.Interface(self.connection.get_object(name, path), ITEM).Activate(0, 0)


def line(child):
    properties = child[1]
    return {
        "id": int(child[0]),
        "label": str(properties.get("label", properties.get("type", ""))),
        "lines": [line(inner) for inner in child[2]],
    }


class Server(dbus.service.Object):
    shown = 0

    @dbus.service.method(NOTIFICATIONS, out_signature="as")
    def GetCapabilities(self):
        return ["body", "actions"]

    @dbus.service.method(NOTIFICATIONS, out_signature="ssss")
    def GetServerInformation(self):
        return ("desktop", "test", "1", "1.2")

    @dbus.service.method(NOTIFICATIONS, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, app, replaces, icon, title, body, actions, hints, timeout):
        self.shown += 1
        say(event="notification", id=self.shown, app=str(app), title=str(title), body=str(body))
        return self.shown

    @dbus.service.method(NOTIFICATIONS, in_signature="u")
    def CloseNotification(self, number):
        self.NotificationClosed(number, 3)

    @dbus.service.signal(NOTIFICATIONS, signature="us")
    def ActionInvoked(self, number, key):
        pass

    @dbus.service.signal(NOTIFICATIONS, signature="uu")
    def NotificationClosed(self, number, reason):
        pass


def obey(_source, _condition):
    text = sys.stdin.readline()
    if not text:
        loop.quit()
        return False
    order = json.loads(text)
    try:
        if order["order"] == "read":
            say(answer=tray.read())
        elif order["order"] == "choose":
            tray.choose(order["id"])
            say(answer=None)
        elif order["order"] == "activate":
            tray.activate()
            say(answer=None)
        elif order["order"] == "click":
            server.ActionInvoked(order["id"], "default")
            say(answer=None)
    except dbus.DBusException as error:
        say(error=str(error))
    return True


DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
names = [dbus.service.BusName(WATCHER, bus), dbus.service.BusName(NOTIFICATIONS, bus)]
tray = Tray(bus, "/StatusNotifierWatcher")
server = Server(bus, "/org/freedesktop/Notifications")
loop = GLib.MainLoop()
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, obey)
say(event="ready")
loop.run()
