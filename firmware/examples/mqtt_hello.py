"""mqtt_async on its own: says hello every five seconds, and prints what comes to the same topic.

Copy the folder firmware/lib/mqtt_async to /lib of the board, change the options below, and run
this file: mpremote run mqtt_hello.py. It runs on the unix port of MicroPython as well.
"""

import asyncio

from mqtt_async import MQTTClient

TOPIC = "mqboard/hello"

options = {
    "server": "192.168.0.14",
    "ssid": "name of the Wi-Fi",  # leave both out where something else joins the network
    "wifi_pw": "its password",
    # "user": "board",
    # "password": "secret",
    # "ssl_params": {"ca": "/ca.pem"},
}


def received(topic, msg, retained, qos, dup):
    print(topic.decode(), msg.decode())


async def connection(up):
    print("connected" if up else "not connected")


async def main():
    options["subs_cb"] = received
    options["wifi_coro"] = connection
    client = MQTTClient(options)
    client.set_last_will(TOPIC, "lost", qos=1)
    await client.connect()
    await client.subscribe(TOPIC, 1)
    n = 0
    while True:
        n += 1
        await client.publish(TOPIC, "hello %d" % n, qos=1)
        await asyncio.sleep(5)


asyncio.run(main())
