# The least MQTT client to compare with: connect, subscribe, read whole packets. No pings,
# no reconnect, no checks.
import asyncio


def string(text):
    raw = text.encode()
    return bytes((len(raw) >> 8, len(raw) & 255)) + raw


def packet(first, body):
    size = len(body)
    head = bytearray((first,))
    while True:
        size, digit = size >> 7, size & 127
        head.append(digit | 128 if size else digit)
        if not size:
            return bytes(head) + body


async def read(stream):
    first = (await stream.readexactly(1))[0]
    size = shift = 0
    while True:
        digit = (await stream.readexactly(1))[0]
        size |= (digit & 127) << shift
        shift += 7
        if digit < 128:
            break
    return first, await stream.readexactly(size) if size else b""


async def send(stream, data):
    stream.write(data)
    await stream.drain()


async def connect(port, name):
    stream, _ = await asyncio.open_connection("127.0.0.1", port)
    await send(stream, packet(0x10, b"\x00\x04MQTT\x04\x02\x00\x00" + string(name)))
    await read(stream)
    return stream


async def subscribe(stream, topic, qos):
    await send(stream, packet(0x82, b"\x00\x01" + string(topic) + bytes((qos,))))
    await read(stream)
