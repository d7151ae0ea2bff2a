"""TLS of the virtual network: it is the host that encrypts and verifies."""

import json

import _host
from socket import _check, _Stream
from time import _need_clock
from uctypes import addressof

PROTOCOL_TLS_CLIENT = 0
PROTOCOL_TLS_SERVER = 1
CERT_NONE = 0
CERT_OPTIONAL = 1
CERT_REQUIRED = 2
MBEDTLS_VERSION = "virtual"


def _pem(source, label):
    """PEM text of a file's path, of PEM or of DER bytes."""
    import binascii

    if isinstance(source, str) and "-----BEGIN" not in source:
        with open(source, "rb") as file:
            source = file.read()
    if isinstance(source, str):
        return source
    if b"-----BEGIN" in source:
        return str(source, "utf8").rstrip("\0")
    if source[:1] != b"\x30":
        raise ValueError("invalid cert" if label == "CERTIFICATE" else "invalid key")
    return "-----BEGIN %s-----\n%s-----END %s-----\n" % (
        label,
        str(binascii.b2a_base64(source), "utf8"),
        label,
    )


class SSLContext:
    def __init__(self, protocol):
        if protocol != PROTOCOL_TLS_CLIENT:
            raise ValueError("the virtual board has TLS for clients only")
        self.verify_mode = CERT_REQUIRED
        self._settings = {"ca": None, "cert": None, "key": None}

    def load_verify_locations(self, cafile=None, cadata=None):
        pem = _pem(cadata or cafile, "CERTIFICATE")
        if "-----BEGIN CERTIFICATE" not in pem:
            raise ValueError("invalid cert")
        self._settings["ca"] = pem

    def load_cert_chain(self, certfile, keyfile):
        self._settings["cert"] = _pem(certfile, "CERTIFICATE")
        self._settings["key"] = _pem(keyfile, "PRIVATE KEY")

    def wrap_socket(
        self, sock, server_side=False, do_handshake_on_connect=True, server_hostname=None
    ):
        verify = self.verify_mode == CERT_REQUIRED
        if verify and server_hostname is None:
            raise ValueError("CERT_REQUIRED requires server_hostname")
        if verify:
            _need_clock()
        settings = dict(self._settings)
        settings.update({"verify": verify, "hostname": server_hostname})
        data = json.dumps(settings).encode()
        wait = -1 if do_handshake_on_connect else 0
        _check(_host.send("tls %d %d" % (sock._id, wait), addressof(data), len(data)))
        return SSLSocket(sock)


class SSLSocket(_Stream):
    def __init__(self, sock):
        self._sock = sock
        super().__init__(sock._id, sock._wait)

    def close(self):
        super().close()
        self._sock._id = 0
