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

    def object(self, path=None):
        if self.item is None:
            raise dbus.DBusException("there is no icon yet")
        name, own = self.item
        return self.connection.get_object(name, path or own, introspect=False)

    def menu(self):
        get = dbus.Interface(self.object(), PROPERTIES).Get
        path = yield get, ITEM, "Menu"
        return dbus.Interface(self.object(str(path)), MENU)

    def read(self):
        menu = yield from self.menu()
        nothing = dbus.Array([], signature="s")
        _, root = yield menu.GetLayout, dbus.Int32(0), dbus.Int32(-1), nothing
        get = dbus.Interface(self.object(), PROPERTIES).Get
        tooltip = yield get, ITEM, "ToolTip"
        icons = yield get, ITEM, "IconPixmap"
        width, _height, pixels = icons[0]
        title = yield get, ITEM, "Title"
        status = yield get, ITEM, "Status"
        return {
            "title": str(title),
            "status": str(status),
            "tooltip": str(tooltip[2] or tooltip[3]),
            "icon": {"width": int(width), "pixels": bytes(pixels).hex()},
            "lines": [line(child) for child in root[2]],
        }

    def choose(self, number):
        menu = yield from self.menu()
        yield menu.Event, dbus.Int32(number), "clicked", dbus.Int32(0), dbus.UInt32(0)

    def activate(self):
        item = dbus.Interface(self.object(), ITEM)
        yield item.Activate, dbus.Int32(0), dbus.Int32(0)


def drive(steps, reply=None):
    """Goes on to the next call to the app. It may call us in the meantime, so nobody waits for a reply."""
    try:
        method, *arguments = steps.send(reply)
    except StopIteration as end:
        say(answer=end.value)
        return
    except dbus.DBusException as error:
        say(error=str(error))
        return

    def go_on(*values):
        drive(steps, values[0] if len(values) == 1 else values)

    method(*arguments, reply_handler=go_on, error_handler=lambda error: say(error=str(error)))


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
    if order["order"] == "read":
        drive(tray.read())
    elif order["order"] == "choose":
        drive(tray.choose(order["id"]))
    elif order["order"] == "activate":
        drive(tray.activate())
    elif order["order"] == "leave":
        # As a panel does that is started anew: its name is gone, and all that it knew.
        bus.release_name(WATCHER)
        tray.item = None
        say(answer=None)
    elif order["order"] == "return":
        bus.request_name(WATCHER)
        say(answer=None)
    elif order["order"] == "click":
        server.ActionInvoked(order["id"], "default")
        say(answer=None)
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
