import type { VirtualBoardOptions } from '../../simulator';

/** A module that logs numbered lines at a steady pace, one in fifty as an error, with a traceback now and then. */
const MODULE = `
import asyncio
import logging
import time

log = logging.getLogger("chatter")
stopped = False


def start(mqtt, config):
    asyncio.create_task(talk(config))


def trip(n):
    try:
        [][n]
    except IndexError as e:
        log.exc(e, "line %d trips", n)


async def talk(config):
    pause = 1000 // config["rate"]
    due = time.ticks_ms()
    for n in range(1, config["lines"] + 1):
        if stopped:
            break
        if n % 397 == 0:
            trip(n)
        elif n % 50 == 0:
            log.error("line %d of %d", n, config["lines"])
        else:
            log.info("line %d of %d", n, config["lines"])
        due = time.ticks_add(due, pause)
        await asyncio.sleep_ms(max(0, time.ticks_diff(due, time.ticks_ms())))
    if config.get("end"):
        exec(config["end"])
    print("chatter is done")
`;

export interface ChatterOptions {
  /** At most; `stopped = True` in the module `chatter` ends it before. */
  lines: number;
  /** Lines a second. */
  rate: number;
  /** Python that runs after the last line, before anything else does. */
  end?: string;
}

/** What makes a virtual board talk, from its start on, with log buffers of 4 KiB. */
export function chatter(options: ChatterOptions): Pick<VirtualBoardOptions, 'files' | 'config'> {
  return {
    files: { 'lib/chatter.py': MODULE },
    config: `
logging.update({"boot_sz": 4096, "loop_sz": 4096})
chatter = ${JSON.stringify(options)}
modules += ["chatter"]
`,
  };
}
