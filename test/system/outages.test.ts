import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { Board, Connection } from '../../core/index';
import { type Authority, createAuthority } from '../../demo/certificates';
import { VirtualBoard } from '../../simulator/index';
import { FaultProxy } from '../support/fault-proxy';
import { type Mosquitto, startMosquitto } from '../support/mosquitto';

/** Runs on the board: counts up and publishes each number at QoS 1, and keeps the acknowledged ones. */
const COUNTER = `
import asyncio
acknowledged = []
received = []
async def count():
    n = 0
    while True:
        n += 1
        await mqtt.client.publish("outage/count", str(n), qos=1)
        acknowledged.append(n)
        await asyncio.sleep_ms(20)
counting = asyncio.create_task(count())
`;

describe('After an outage', () => {
  let authority: Authority;
  let folder: string;
  let broker: Mosquitto;
  let proxy: FaultProxy;
  let board: VirtualBoard;
  let connection: Connection;
  let listener: MqttClient;
  let remote: Board;
  /** The numbers that arrived at a listener whose session the broker keeps. */
  const arrived = new Set<number>();

  beforeEach(async () => {
    authority = await createAuthority();
    folder = mkdtempSync(join(tmpdir(), 'mqboard-outage-'));
    const certificate = await authority.issue({ names: ['localhost', '127.0.0.1'] });
    broker = await startMosquitto({
      tls: certificate,
      configLines: ['persistence true', `persistence_location ${folder}/`, 'max_queued_messages 0'],
    });
    proxy = await FaultProxy.to(broker.port);
    const tls = { ca: authority.cert };
    board = new VirtualBoard({
      ...{ url: `mqtts://localhost:${proxy.port}`, ca: authority.cert },
      ...{ prefix: 'outage/board', runtime: 'unix' },
      // A dead link is noticed sooner than by default, so that the tests need not wait.
      mqtt: { keepalive: 8, response_time: 3 },
    });
    connection = new Connection({ url: broker.url, tls });
    connection.open();
    arrived.clear();
    listener = await connectAsync(broker.url, {
      ...{ ...tls, clean: false, clientId: 'listener', reconnectPeriod: 100 },
    });
    listener.on('message', (_topic, payload) => arrived.add(Number(payload)));
    await listener.subscribeAsync('outage/count', { qos: 1 });
    await board.start();
    await board.waitForLine(/ready for commands/);
    if (connection.state !== 'connected') await once(connection, 'connected');
    remote = new Board(connection, 'outage/board');
    await remote.eval(COUNTER);
  });

  afterEach(async () => {
    remote.close();
    await listener.endAsync(true);
    await connection.close();
    await board.stop();
    await proxy.stop();
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('in which the broker was restarted, the board is back and nothing acknowledged is lost', async () => {
    await counted(5);
    const again = Promise.all([back(), once(connection, 'connected')]);
    await broker.restart();
    await again;
    await nothingIsLost();
  });

  it('in which the connection fell silent without a FIN, the same', async () => {
    await counted(5);
    const again = back();
    proxy.goSilent();
    await again;
    await nothingIsLost();
  });

  it('in which the connection was cut, the same', async () => {
    await counted(5);
    const again = back();
    proxy.cut();
    await again;
    await nothingIsLost();
  });

  it('in which the Wi-Fi was off for a while, the same', async () => {
    await counted(5);
    board.network(false);
    const lost = newLine(/connection|Wi-Fi|wifi|answer|acknowledg/i);
    await lost;
    const again = back();
    board.network(true);
    await again;
    await nothingIsLost();
  });

  function oneMore(): Promise<unknown> {
    return new Promise((resolve) => listener.once('message', resolve));
  }

  /** Waits until so many more numbers have arrived. */
  async function counted(more: number): Promise<void> {
    const goal = arrived.size + more;
    while (arrived.size < goal) await oneMore();
  }

  /** Waits until the board says that it is connected again. */
  function back(): Promise<void> {
    return newLine(/mqtt: connected|MQTT connected/i);
  }

  function newLine(pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = (line: string) => {
        if (!pattern.test(line)) return;
        board.off('line', look);
        resolve();
      };
      board.on('line', look);
    });
  }

  /** Stops the counter, and compares what the board has acknowledged with what arrived. */
  async function nothingIsLost(): Promise<void> {
    await counted(5);
    const { value } = await remote.eval('counting.cancel() and list(acknowledged)', {
      timeoutMs: 30_000,
    });
    assert.ok(Array.isArray(value) && value.length >= 10);
    const last = Math.max(...(value as number[]));
    while (!arrived.has(last)) await oneMore();
    const lost = (value as number[]).filter((number) => !arrived.has(number));
    assert.deepEqual(lost, []);
  }
});
