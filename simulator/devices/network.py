"""Wi-Fi: one access point, which takes every name and password unless it was told which."""

import utime
from _board import ask, tell

STA_IF = 0
AP_IF = 1
STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202
STAT_ASSOC_FAIL = 203
STAT_BEACON_TIMEOUT = 200
STAT_HANDSHAKE_TIMEOUT = 204

_JOIN_MS = 20
_hostname = "mpy-esp32"
_active = False
_joined = None  # ticks of connect()
_answer = STAT_CONNECTING  # of the access point


def _hex(text):
    return (text or "").encode().hex()


def hostname(name=None):
    global _hostname
    if name is None:
        return _hostname
    _hostname = name
    return None


class WLAN:
    IF_STA = STA_IF
    IF_AP = AP_IF
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2

    def __init__(self, interface=STA_IF):
        self._sta = interface == STA_IF

    def active(self, on=None):
        global _active
        if not self._sta:
            return False
        if on is None:
            return _active
        _active = bool(on)
        if not on:
            self.disconnect()
        return _active

    def connect(self, ssid=None, key=None, *, bssid=None):
        global _joined, _answer
        if not _active:
            raise OSError("Wifi Internal State Error")
        _joined = utime.ticks_ms()
        _answer = int(ask("join %s %s" % (_hex(ssid), _hex(key))))

    def disconnect(self):
        global _joined
        _joined = None
        tell("leave")

    def isconnected(self):
        return self.status() == STAT_GOT_IP

    def status(self, what=None):
        if what == "rssi":
            if not self.isconnected():
                raise OSError("Wifi Not Connected")
            return -55
        if _joined is None:
            return STAT_IDLE
        if ask("air") != "1":
            return STAT_NO_AP_FOUND
        waited = utime.ticks_diff(utime.ticks_ms(), _joined)
        return _answer if waited >= _JOIN_MS else STAT_CONNECTING

    def ifconfig(self, settings=None):
        if settings is not None:
            return None
        if not self.isconnected():
            return ("0.0.0.0",) * 4
        return ("192.168.4.2", "255.255.255.0", "192.168.4.1", "192.168.4.1")

    def ipconfig(self, what=None, **settings):
        address, mask, gateway, _ = self.ifconfig()
        if what == "addr4":
            return (address, mask)
        if what == "gw4":
            return gateway
        if what in ("dhcp4", "has_dhcp4"):
            return self.isconnected()
        return None

    def config(self, what=None, **settings):
        if what == "mac":
            return bytes.fromhex(ask("id"))
        if what in ("hostname", "dhcp_hostname"):
            return _hostname
        if what in ("ssid", "essid"):
            return "virtual"
        if what is not None:
            return 0
        if "hostname" in settings:
            hostname(settings["hostname"])
        return None
