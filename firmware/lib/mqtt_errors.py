"""Why a connection failed, in words."""

_CONNACK = (
    "broker does not speak MQTT 3.1.1",
    "broker refused the client id",
    "broker is out of service",
    "broker refused user name or password",
    "broker refused user name or password",
)

_ERRNO = {
    9: "connection closed",
    32: "connection lost",
    103: "connection lost",
    104: "connection closed by the broker",
    110: "no answer",
    111: "connection refused: no broker on that port",
    113: "no route to the host",
    118: "no route to the host",
    101: "network is not reachable",
}


async def words(e, client):
    """One line about the exception `e` for a person."""
    c = client.config
    server = c["server"]
    kind = type(e).__name__
    arg = e.args[0] if e.args else ""
    if kind == "RefusedError":
        return _CONNACK[arg - 1] if 0 < arg < 6 else "broker refused the connection, code %d" % arg
    if isinstance(arg, str) and "addrinfo" in arg or isinstance(arg, int) and -1000 < arg < 0:
        return "cannot resolve host %s (%s)" % (server, arg)
    if isinstance(e, OSError) and arg in _ERRNO:
        return "%s: %s" % (server, _ERRNO[arg])
    return "%s: %s" % (server, arg or kind)
