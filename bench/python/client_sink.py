# What sink.py does, with mqtt_async: COUNT messages at QoS 1 from bench/flow, thrown away.
import asyncio
import sys
import time

from mqtt_async import MQTTClient

taken = started = 0


async def main(port, count):
    done = asyncio.Event()

    def take(*_):
        global taken, started
        if not taken:
            started = time.ticks_us()
        taken += 1
        if taken == count:
            print("rate", count * 1000000 // time.ticks_diff(time.ticks_us(), started))
            done.set()

    client = MQTTClient(
        {
            "server": "127.0.0.1",
            "port": port,
            "client_id": "bench-sink",
            "subs_cb": take,
        }
    )
    await client.connect()
    await client.subscribe("bench/flow", 1)
    print("ready")
    await done.wait()


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
