"""Streams on sockets that do not block."""

import errno

from asyncio import core


class Stream:
    """Reader and writer in one. Its socket is `s`."""

    def __init__(self, s, e={}):  # noqa: B006 - never changed
        self.s = s
        self.e = e
        self.out_buf = b""

    def get_extra_info(self, name):
        return self.e[name]

    async def __aenter__(self):
        return self

    async def __aexit__(self, exc_type, exc, traceback):
        await self.wait_closed()

    def close(self):
        pass

    async def wait_closed(self):
        self.s.close()

    aclose = wait_closed

    async def read(self, n=-1):
        """Up to n bytes as they come, or with -1 all until the end; b'' at the end."""
        whole = b""
        while True:
            await core._io_queue.queue_read(self.s)
            part = self.s.read(n)
            if part is not None:
                if n >= 0:
                    return part
                if not part:
                    return whole
                whole += part

    async def readinto(self, buf):
        await core._io_queue.queue_read(self.s)
        return self.s.readinto(buf)

    async def readexactly(self, n):
        whole = b""
        while len(whole) < n:
            await core._io_queue.queue_read(self.s)
            part = self.s.read(n - len(whole))
            if part is not None:
                if not part:
                    raise EOFError
                whole += part
        return whole

    async def readline(self):
        line = b""
        while not line.endswith(b"\n"):
            await core._io_queue.queue_read(self.s)
            part = self.s.readline()
            if part is not None:
                if not part:
                    break
                line += part
        return line

    def write(self, data):
        if not self.out_buf:
            n = self.s.write(data)
            if n == len(data):
                return
            data = bytes(memoryview(data)[n or 0 :])
        self.out_buf += data

    async def drain(self):
        if not self.out_buf:
            # Others have their turn, so that a task that only writes does not keep it.
            return await core.sleep_ms(0)
        data, self.out_buf = memoryview(self.out_buf), b""
        while data:
            await core._io_queue.queue_write(self.s)
            data = data[self.s.write(data) or 0 :]
        return None


StreamReader = StreamWriter = Stream


async def open_connection(host, port, ssl=None, server_hostname=None):
    """`ssl` is an SSLContext, or True for one that verifies nothing."""
    import socket

    address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0]
    s = socket.socket(address[0], address[1], address[2])
    s.setblocking(False)
    try:
        s.connect(address[-1])
    except OSError as error:
        if error.errno != errno.EINPROGRESS:
            raise
    await core._io_queue.queue_write(s)
    if ssl:
        if ssl is True:
            import ssl as tls

            ssl = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
            ssl.verify_mode = tls.CERT_NONE
        s = ssl.wrap_socket(s, server_hostname=server_hostname, do_handshake_on_connect=False)
        s.setblocking(False)
    stream = Stream(s, {"peername": address[-1]})
    return stream, stream
