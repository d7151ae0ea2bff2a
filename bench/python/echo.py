# The floor that eval is measured against: takes publishes at QoS 0 from bench/in, and sends the
# payload of each to bench/out.
import asyncio
import sys

from bare import connect, packet, read, send, string, subscribe


async def main(port):
    stream = await connect(port, "bench-echo")
    await subscribe(stream, "bench/in", 0)
    print("ready")
    head = string("bench/out")
    while True:
        first, body = await read(stream)
        if first >> 4 == 3:
            payload = body[2 + (body[0] << 8 | body[1]) :]
            await send(stream, packet(0x30, head + payload))


asyncio.run(main(int(sys.argv[1])))
