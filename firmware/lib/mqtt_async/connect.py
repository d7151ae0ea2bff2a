"""The CONNECT packet."""


def _field(value):
    value = value.encode() if isinstance(value, str) else value
    return len(value).to_bytes(2, "big") + value


def packet(c, clean):
    """CONNECT for the options `c`; `clean`: a visit that only clears the session, without will."""
    flags = 2 if clean else 0
    body = _field(client_id(c))
    will = c["will"]
    if will and not clean:
        topic, message, retain, qos = will
        flags |= 4 | qos << 3 | (32 if retain else 0)
        body += _field(topic) + _field(message)
    if c["user"] is not None:
        flags |= 128
        body += _field(c["user"])
        if c["password"] is not None:
            flags |= 64
            body += _field(c["password"])
    head = _field("MQTT") + bytes((4, flags)) + c["keepalive"].to_bytes(2, "big")
    size = len(head) + len(body)
    n = bytes((size,)) if size < 128 else bytes((size & 127 | 128, size >> 7))
    return b"\x10" + n + head + body


def client_id(c):
    """The chip's id, unless another is given; a random one where the chip has none."""
    if not c["client_id"]:
        from binascii import hexlify

        try:
            from machine import unique_id

            c["client_id"] = hexlify(unique_id()).decode()
        except ImportError:
            from random import getrandbits

            c["client_id"] = "mpy-%08x" % getrandbits(30)
    return c["client_id"]
