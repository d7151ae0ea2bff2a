# Takes COUNT messages at QoS 1 from bench/flow, acknowledges each, throws it away,
# and prints how many a second it took.
import asyncio
import sys
import time

from bare import connect, read, send, subscribe


async def main(port, count):
    stream = await connect(port, "bench-sink")
    await subscribe(stream, "bench/flow", 1)
    print("ready")
    taken = started = 0
    while taken < count:
        first, body = await read(stream)
        if first >> 4 != 3:
            continue
        if not taken:
            started = time.ticks_us()
        taken += 1
        at = 2 + (body[0] << 8 | body[1])
        await send(stream, b"\x40\x02" + body[at : at + 2])
    print("rate", count * 1000000 // time.ticks_diff(time.ticks_us(), started))


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
