import assert from 'node:assert/strict';
import { echoServer, JOIN_WIFI, tinyBoard } from './tiny-board';

/**
 * The wasm runtime brings an asyncio of its own, the unix runtime has MicroPython's: the same
 * programs have to print the same on both.
 */
export function describeAsyncio(runtime: 'wasm' | 'unix'): void {
  const printed = async (program: string, first = '') => {
    const board = tinyBoard(`${first}import asyncio\n${program}`, { runtime });
    try {
      await board.start();
      await board.waitForLine(/^>>> /);
      return board.lines.slice(1, -1);
    } finally {
      await board.stop();
    }
  };

  it('runs tasks side by side, in the order of their time', async () => {
    assert.deepEqual(
      await printed(`
async def work(name, ms):
    await asyncio.sleep_ms(ms)
    print(name)
    return name
async def main():
    print(await asyncio.gather(work("c", 60), work("a", 0), work("b", 30)))
    return 7
print(asyncio.run(main()))`),
      ['a', 'b', 'c', "['c', 'a', 'b']", '7'],
    );
  });

  it('bounds a wait, cancels what was awaited, and passes its exceptions on', async () => {
    assert.deepEqual(
      await printed(`
async def slow():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("cancelled")
        raise
async def fails():
    raise KeyError("k")
async def gives():
    return 3
async def main():
    try:
        await asyncio.wait_for_ms(slow(), 20)
    except asyncio.TimeoutError:
        print("late")
    try:
        await asyncio.wait_for(fails(), 5)
    except KeyError as e:
        print(e.args)
    print(await asyncio.wait_for(gives(), None))
    task = asyncio.create_task(slow())
    await asyncio.sleep(0)
    print(task.cancel(), task.done())
    try:
        await task
    except asyncio.CancelledError:
        print(task.done(), task.cancel())
asyncio.run(main())`),
      ['cancelled', 'late', "('k',)", '3', 'True False', 'cancelled', 'True False'],
    );
  });

  it('has events and locks', async () => {
    assert.deepEqual(
      await printed(`
async def waiter(event, name):
    print(name, await event.wait())
async def guarded(lock, name):
    async with lock:
        print(name, "in")
        await asyncio.sleep_ms(5)
        print(name, "out")
async def main():
    event = asyncio.Event()
    tasks = [asyncio.create_task(waiter(event, n)) for n in "ab"]
    await asyncio.sleep_ms(5)
    tasks[0].cancel()
    event.set()
    await asyncio.sleep_ms(5)
    print(event.is_set())
    lock = asyncio.Lock()
    await asyncio.gather(guarded(lock, "x"), guarded(lock, "y"))
    print(lock.locked())
asyncio.run(main())`),
      ['b True', 'True', 'x in', 'x out', 'y in', 'y out', 'False'],
    );
  });

  it('reports an exception of a task that nobody awaits, once, and goes on', async () => {
    assert.deepEqual(
      await printed(`
def handler(loop, context):
    print(context["message"], repr(context["exception"]))
async def fails():
    raise ValueError("lost")
async def main():
    asyncio.get_event_loop().set_exception_handler(handler)
    asyncio.create_task(fails())
    awaited = asyncio.create_task(fails())
    try:
        await awaited
    except ValueError:
        print("caught")
    await asyncio.sleep_ms(10)
    print("on")
asyncio.run(main())`),
      ["Task exception wasn't retrieved ValueError('lost',)", 'caught', 'on'],
    );
  });

  it('reads and writes streams, and is not held up by one that is silent', async () => {
    const server = await echoServer();
    try {
      assert.deepEqual(
        await printed(
          `
async def main():
    silent, _ = await asyncio.open_connection("localhost", ${server.port})
    stream, _ = await asyncio.open_connection("localhost", ${server.port})
    stuck = asyncio.create_task(silent.read(1))
    stream.write(b"one\\ntwo")
    await stream.drain()
    print(await stream.readline(), await stream.readexactly(3))
    stream.write(bytes(100000))
    buf = bytearray(1000)
    async def read():
        n = 0
        while n < 100000:
            n += await stream.readinto(buf) or 0
        return n
    _, n = await asyncio.gather(stream.drain(), read())
    print(n, stuck.done())
    stuck.cancel()
    stream.close()
    await stream.wait_closed()
    print("closed")
asyncio.run(main())`,
          JOIN_WIFI,
        ),
        ["b'one\\n' b'two'", '100000 False', 'closed'],
      );
    } finally {
      server.close();
    }
  });
}
