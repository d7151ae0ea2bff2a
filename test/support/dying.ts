import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VirtualBoardOptions } from '../../simulator';

/** A module with many ways to die; each is begun by a call, which returns at once. */
const MODULE = `
import asyncio
import logging
import time

import machine

log = logging.getLogger("dying")


class Fatal(BaseException):
    pass


def start(mqtt, config):
    mqtt.on_msg(received)
    mqtt.on_init(mqtt.client.subscribe(config["topic"], 1))


def received(topic, msg, retained, qos, dup):
    if topic.endswith(b"/dying"):
        log.info("asked to %s", msg.decode())
        {}[msg.decode()]


def begin(way):
    log.info("asked to %s", way.__name__)
    asyncio.create_task(way())


async def task():
    await asyncio.sleep_ms(10)
    raise ValueError("too hot")


async def timer():
    for left in range(3, -1, -1):
        await asyncio.sleep_ms(10)
        log.info("one in %d", 1 // left)


async def memory():
    await asyncio.sleep_ms(10)
    bytearray(2000000000)


async def main():
    await asyncio.sleep_ms(10)
    raise Fatal("nobody catches this")


async def hang():
    machine.WDT(timeout=1500)
    log.warning("measuring for ever")
    await asyncio.sleep_ms(500)
    while True:
        time.sleep_ms(1)


async def reset():
    await asyncio.sleep_ms(100)
    machine.reset()


async def told():
    import crash

    await asyncio.sleep_ms(100)
    crash.reset("new settings")


async def soft():
    await asyncio.sleep_ms(100)
    machine.soft_reset()


async def sleep():
    await asyncio.sleep_ms(100)
    machine.deepsleep(300)
`;

const mainPy = readFileSync(join(__dirname, '../../firmware/main.py'), 'utf8');

/** What makes a virtual board die on demand; after a failure of main.py it waits for 1 s, not for 30. */
export function dying(prefix: string): Required<Pick<VirtualBoardOptions, 'files' | 'config'>> {
  return {
    files: {
      'lib/dying.py': MODULE,
      'main.py': mainPy.replace(/^_PAUSE = const\(\d+\)/m, '_PAUSE = const(1)'),
    },
    config: `dying = {"topic": "${prefix}/dying"}\nmodules += ["dying"]\n`,
  };
}

/** Runs on the board, and begins one of the ways. */
export const begin = (way: string) =>
  `import sys\nsys.modules["dying"].begin(sys.modules["dying"].${way})`;
