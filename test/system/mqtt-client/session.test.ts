import assert from 'node:assert/strict';
import {
  closeAfterEach,
  closeLater,
  host,
  mosquitto,
  script,
  scriptedBroker,
} from '../../support/client-bench';
import { FaultProxy } from '../../support/fault-proxy';

describe('A session', () => {
  closeAfterEach();

  it('that the broker lost is subscribed again', async () => {
    const broker = await mosquitto();
    const running = await script(
      broker.port,
      `
async def up(connected):
    print("up" if connected else "down", c.connects)
async def main():
    global c
    c = client(wifi_coro=up)
    await c.connect()
    await c.subscribe("in/#", 1)
    await c.subscribe("other", 0)
    print("subscribed")
    await asyncio.sleep(30)
asyncio.run(main())
`,
    );
    await running.line(/^subscribed/);
    await broker.restart();
    await running.line(/^up 2/);
    const sender = await host(broker);
    await sender.publishAsync('in/x', 'one', { qos: 1 });
    await sender.publishAsync('other', 'two', { qos: 1 });
    await running.line(/^message in\/x 3 b'one' new qos1/);
    await running.line(/^message other 3 b'two' new qos0/);
  });

  it('that the broker kept is not: nothing but the publishes is sent', async () => {
    const broker = await scriptedBroker();
    await script(
      broker.port,
      `
async def main():
    c = client(clean=False)
    c.start()
    await c.subscribe("in/#", 1)
    while True:
        await asyncio.sleep(0.1)
        await c.publish("t", "x")
asyncio.run(main())
`,
    );
    const first = await broker.accept();
    const { messageId = 0 } = await first.next('subscribe');
    first.send({ cmd: 'suback', messageId, granted: [1] });
    await first.next('publish');
    first.socket.destroy();
    const second = await broker.accept({ sessionPresent: true });
    await second.next('publish');
    second.socket.destroy();
    const third = await broker.accept({ sessionPresent: false });
    const again = await third.next('subscribe');
    assert.equal(again.subscriptions[0]?.topic, 'in/#');
    assert.equal(again.subscriptions[0]?.qos, 1);
  });

  it('starts empty with clean, and else with what the broker kept', async () => {
    const broker = await mosquitto();
    const source = (clean: boolean) => `
async def main():
    c = client(clean=${clean ? 'True' : 'False'})
    await c.connect()
    print("connected")
    await c.subscribe("kept", 1)
    print("subscribed")
    await asyncio.sleep(30)
asyncio.run(main())
`;
    const sender = await host(broker);
    for (const [clean, text] of [
      [false, 'first'],
      [true, 'second'],
    ] as const) {
      const before = await script(broker.port, source(false));
      await before.line(/^subscribed/);
      await before.kill();
      await sender.publishAsync('kept', text, { qos: 1 });
      const after = await script(broker.port, source(clean));
      await after.line(/^subscribed/);
      await sender.publishAsync('kept', `${text} end`, { qos: 1 });
      await after.line(new RegExp(`${text} end`));
      const kept = after.lines.some((line) => line.includes(`b'${text}'`));
      assert.equal(kept, !clean, after.lines.join('\n'));
      await after.kill();
    }
  });

  it('outlives a short outage even when it began with clean', async () => {
    const broker = await mosquitto();
    const proxy = await FaultProxy.to(broker.port);
    closeLater(() => proxy.stop());
    const running = await script(
      proxy.port,
      `
async def main():
    c = client(clean=True, pause_min=0.5)
    await c.connect()
    await c.subscribe("kept", 1)
    print("subscribed")
    await asyncio.sleep(30)
asyncio.run(main())
`,
    );
    const sender = await host(broker);
    await running.line(/^subscribed/);
    proxy.cut();
    await running.line(/connection closed by the broker|connection lost/);
    await sender.publishAsync('kept', 'meanwhile', { qos: 1 });
    await running.line(/^message kept 9 b'meanwhile'/);
  });
});

describe('A subscription', () => {
  closeAfterEach();

  it('that the broker refuses is an error', async () => {
    const broker = await scriptedBroker();
    const running = await script(
      broker.port,
      `
async def main():
    c = client(clean=False)
    await c.connect()
    try:
        await c.subscribe("secret/#", 1)
    except OSError as e:
        print("error:", e)
    await asyncio.sleep(30)
asyncio.run(main())
`,
    );
    const connection = await broker.accept();
    const { messageId = 0 } = await connection.next('subscribe');
    connection.send({ cmd: 'suback', messageId, granted: [128] });
    await running.line(/^error: broker refused the subscription to secret\/#/);
  });
});
