# Publishes COUNT messages of 1400 bytes at QoS 1 to bench/flow, four in flight, and
# prints how many a second were acknowledged. It starts when a message comes on bench/go.
import asyncio
import sys
import time

from bare import connect, packet, read, string, subscribe


async def main(port, count):
    stream = await connect(port, "bench-source")
    await subscribe(stream, "bench/go", 0)
    print("ready")
    await read(stream)
    head = string("bench/flow")
    body = bytes(1400)
    started = time.ticks_us()
    sent = acknowledged = 0
    while acknowledged < count:
        while sent < count and sent - acknowledged < 4:
            sent += 1
            stream.write(packet(0x32, head + bytes((sent >> 8 & 255, sent & 255)) + body))
        await stream.drain()
        await read(stream)
        acknowledged += 1
    print("rate", count * 1000000 // time.ticks_diff(time.ticks_us(), started))


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
