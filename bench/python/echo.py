# The floor that eval is measured against: the least MQTT client that can answer. It takes one
# publish at QoS 0 at a time from bench/in and sends its payload to bench/out; no pings, no
# reconnect, no checks.
import asyncio
import sys


def string(text):
    raw = text.encode()
    return bytes((len(raw) >> 8, len(raw) & 255)) + raw


async def packet(stream):
    first = (await stream.readexactly(1))[0]
    size = shift = 0
    while True:
        digit = (await stream.readexactly(1))[0]
        size |= (digit & 127) << shift
        shift += 7
        if digit < 128:
            break
    return first, await stream.readexactly(size)


async def main(port):
    stream, _ = await asyncio.open_connection("127.0.0.1", port)
    body = b"\x00\x04MQTT\x04\x02\x00\x00" + string("bench-echo")
    stream.write(bytes((0x10, len(body))) + body)
    await stream.drain()
    await packet(stream)
    body = b"\x00\x01" + string("bench/in") + b"\x00"
    stream.write(bytes((0x82, len(body))) + body)
    await stream.drain()
    await packet(stream)
    print("ready")
    head = string("bench/out")
    while True:
        first, body = await packet(stream)
        if first >> 4 == 3:
            payload = body[2 + (body[0] << 8 | body[1]) :]
            stream.write(bytes((0x30, len(head) + len(payload))) + head + payload)
            await stream.drain()


asyncio.run(main(int(sys.argv[1])))
