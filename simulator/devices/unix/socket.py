"""Sockets are the host's own; the way to each host leads through the virtual network."""

import usocket
from _board import ask
from usocket import *  # noqa: F403


def getaddrinfo(host, port, *hints):
    """OSError(-202) where the name is unknown or the network is down, as on the ESP32."""
    route = int(ask("route %s %d" % (host, port)))
    if route < 0:
        raise OSError(route)
    return usocket.getaddrinfo("127.0.0.1", route, *hints)
