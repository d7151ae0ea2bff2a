# The floor that eval is measured against: takes publishes from bench/in/QOS at that QoS, and sends
# the payload of each to bench/out/QOS.
import asyncio
import sys

from bare import connect, packet, read, send, string, subscribe


async def main(port, qos):
    stream = await connect(port, "bench-echo-%d" % qos)
    await subscribe(stream, "bench/in/%d" % qos, qos)
    print("ready")
    head = string("bench/out/%d" % qos)
    number = 0
    while True:
        first, body = await read(stream)
        if first >> 4 != 3:
            continue
        start = 2 + (body[0] << 8 | body[1])
        if qos:
            await send(stream, b"\x40\x02" + body[start : start + 2])
            number = number % 65535 + 1
            payload = bytes((number >> 8, number & 255)) + body[start + 2 :]
        else:
            payload = body[start:]
        await send(stream, packet(0x30 | qos << 1, head + payload))


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
