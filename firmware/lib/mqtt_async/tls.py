"""TLS for the connection to the broker."""

import os

try:
    import ssl
except ImportError:  # Debian's MicroPython has only what ssl is made of
    import tls as ssl

_DEFAULT_CA = "/ca.pem"


class _NoDelay:
    """Sends each step of the handshake at once: Nagle's algorithm would add 40 ms to it, and the
    socket is out of reach once TLS is wrapped around it. (A subclass of SSLContext would not do:
    the attributes set on it, verify_mode above all, do not reach the context below.)"""

    def __init__(self, ctx):
        self._ctx = ctx

    def wrap_socket(self, sock, **options):
        try:
            sock.setsockopt(6, 1, 1)  # TCP_NODELAY
        except (AttributeError, OSError):
            pass
        return self._ctx.wrap_socket(sock, **options)


def context(c):
    """(SSLContext, host name, "verified" or "unverified") for the client's options `c`."""
    params = c["ssl_params"]
    if not isinstance(params, dict):
        params = {}
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ca = params.get("ca")
    if ca is None and "cadata" not in params and _exists(_DEFAULT_CA):
        ca = _DEFAULT_CA
    ca = params.get("cadata") if ca is None else ca
    verify = ca is not None and params.get("verify", True)
    if verify:
        ca = _content(ca, "ca")
        try:
            try:
                ctx.load_verify_locations(cadata=ca)
            except TypeError:  # the module tls takes no keywords
                ctx.load_verify_locations(ca)
        except ValueError as e:
            raise ValueError("ssl_params['ca'] is not a certificate in PEM or DER form (%s)" % e)
        ctx.verify_mode = ssl.CERT_REQUIRED
    else:
        ctx.verify_mode = ssl.CERT_NONE
    cert, key = params.get("cert"), params.get("key")
    if cert or key:
        if not (cert and key):
            raise ValueError("ssl_params needs both 'cert' and 'key', or neither")
        cert, key = _content(cert, "cert"), _content(key, "key")
        try:
            ctx.load_cert_chain(cert, key)
        except ValueError as e:
            raise ValueError("ssl_params['cert'] or ['key'] is not usable (%s)" % e)
    hostname = params.get("server_hostname") or c["server"]
    return _NoDelay(ctx), hostname, "verified" if verify else "unverified"


def _exists(path):
    try:
        os.stat(path)
    except OSError:
        return False
    return True


def _content(value, key):
    """What the option holds: the bytes of a PEM or DER, a PEM as text, or the path of a file."""
    if isinstance(value, str):
        if "-----BEGIN" in value:
            value = value.encode()
        else:
            try:
                with open(value, "rb") as f:
                    value = f.read()
            except OSError:
                raise ValueError("ssl_params['%s']: there is no file %s" % (key, value))
    # mbedTLS wants the terminating zero to be part of a PEM.
    if b"-----BEGIN" in value and value[-1]:
        value += b"\0"
    return value
