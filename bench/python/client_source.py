# What source.py does, with mqtt_async: COUNT messages of 1400 bytes at QoS 1, four in flight.
import asyncio
import sys
import time

from mqtt_async import MQTTClient


async def main(port, count):
    go = asyncio.Event()
    client = MQTTClient(
        {
            "server": "127.0.0.1",
            "port": port,
            "client_id": "bench-source",
            "subs_cb": lambda *_: go.set(),
        }
    )
    await client.connect()
    await client.subscribe("bench/go", 0)
    print("ready")
    await go.wait()
    body = bytes(1400)
    started = time.ticks_us()
    for _ in range(count - 1):
        await client.publish("bench/flow", body, qos=1, sync=False)
    await client.publish("bench/flow", body, qos=1)
    print("rate", count * 1000000 // time.ticks_diff(time.ticks_us(), started))


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
