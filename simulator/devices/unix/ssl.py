"""The unix port may have only `tls`; what the ESP32's `ssl` adds is to read certificate files."""

import tls
from time import _need_clock
from tls import *  # noqa: F403


def _content(source):
    if isinstance(source, str):
        with open(source, "rb") as file:
            return file.read()
    return source


class SSLContext(tls.SSLContext):
    def load_cert_chain(self, certfile, keyfile):
        super().load_cert_chain(_content(certfile), _content(keyfile))

    def load_verify_locations(self, cafile=None, cadata=None):
        super().load_verify_locations(cadata or _content(cafile))

    def wrap_socket(self, sock, **settings):
        if self.verify_mode == tls.CERT_REQUIRED:
            _need_clock()
        return super().wrap_socket(sock, **settings)
