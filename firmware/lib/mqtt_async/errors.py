"""Why a connection failed, in words."""

import errno

_CONNACK = (
    "broker does not speak MQTT 3.1.1",
    "broker refused the client id",
    "broker is out of service",
    "broker refused user name or password",
    "broker refused user name or password",
)

# By name, since the numbers differ between the ports.
_ERRNO = {
    errno.EBADF: "connection closed",
    errno.ENOMEM: "not enough memory for the connection",
    errno.ECONNABORTED: "connection lost",
    errno.ENOTCONN: "connection lost",
    errno.ECONNRESET: "connection closed by the broker",
    errno.ETIMEDOUT: "no answer",
    errno.ECONNREFUSED: "connection refused: no broker listens there",
    errno.EHOSTUNREACH: "no route to the host",
    32: "connection lost",  # EPIPE
    101: "network is not reachable",  # ENETUNREACH
}

# What mbedTLS says about a certificate, by a part of its sentence.
_CERTIFICATE = (
    ("expired", "broker certificate expired"),
    ("future", "broker certificate is not valid yet, by the clock of this board"),
    ("Common Name", "broker certificate does not match host name %s"),
    ("not correctly signed", "broker certificate not trusted: not signed by the configured CA"),
)

_MBEDTLS = {
    0x2700: "broker certificate not trusted, expired, or for another host name",
    0x7200: "no TLS on that port",
    0x7280: "connection closed by the broker",
    0x7780: "broker ended the TLS handshake: it may want a client certificate, or another version",
    0x7F00: "not enough memory for TLS",
}


def words(e, c, hostname, stage):
    """One line about the exception `e` for a person.

    `c`: the client's options. `hostname`: the name in the certificate, None without TLS. `stage`:
    how far the connection got: 0 not to a socket, 1 to a socket, 2 to the broker's CONNACK.
    """
    where = "%s:%d: " % (c["server"], c["port"])
    arg = e.args[0] if e.args else ""
    if type(e).__name__ == "RefusedError":
        return where + (
            _CONNACK[arg - 1] if 0 < arg < 6 else "broker refused the connection, code %s" % arg
        )
    if isinstance(e, ValueError):
        return where + _certificate(str(arg), hostname)
    if isinstance(e, MemoryError):
        return where + _ERRNO[errno.ENOMEM]
    if not stage and str(arg).startswith("Wi-Fi"):
        return arg
    if not stage and (isinstance(arg, int) and arg < 0 or "addrinfo" in str(arg)):
        return "cannot resolve host %s (%s)" % (c["server"], arg)
    if stage == 1 and arg in (errno.ECONNRESET, -errno.ECONNRESET, -0x7280):
        guess = "no TLS on that port?" if hostname else "does that port want TLS?"
        return where + "connection closed by the broker before it answered (%s)" % guess
    if isinstance(arg, int) and arg < -1000:
        # The low bits tell what went wrong inside.
        what = _MBEDTLS.get(-arg) or _MBEDTLS.get(-arg & 0x7F80, "TLS failed")
        return "%s%s (%s)" % (where, what, e.args[-1])
    if isinstance(arg, int):
        arg = abs(arg)  # TLS hands the socket's errors on as negative numbers
    return where + _ERRNO.get(arg, str(e) or type(e).__name__)


def _certificate(text, hostname):
    found = [what for part, what in _CERTIFICATE if part in text]
    if found:
        return ", ".join(found).replace("%s", str(hostname))
    if "certificate" in text and "ssl_params" not in text:
        return "broker certificate not trusted: " + text.strip().replace("\n", ", ")
    return text
