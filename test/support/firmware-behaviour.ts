import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Broker } from '../../demo/broker';
import { createAuthority } from '../../demo/certificates';
import { VirtualBoard } from '../../simulator';

/** The firmware, unchanged, on a virtual board with a broker that has TLS and passwords. */
export function describeFirmwareOn(runtime: 'wasm' | 'unix'): void {
  let broker: Broker;
  let ca: string;
  let board: VirtualBoard | undefined;

  before(async () => {
    const authority = await createAuthority();
    ca = authority.cert;
    const certificate = await authority.issue({ names: ['localhost'] });
    broker = await Broker.start({ certificate, users: { board: 'secret' } });
  });

  after(() => broker.stop());

  afterEach(async () => {
    await board?.stop();
    board = undefined;
  });

  const create = (options: { password?: string; clock?: 'unset' } = {}) => {
    const url = `mqtts://localhost:${broker.tlsPort}`;
    board = new VirtualBoard({
      url,
      ca,
      prefix: `virtual/${runtime}`,
      user: 'board',
      password: 'secret',
      runtime,
      ...options,
    });
    return board;
  };

  /** Resolves with what the board publishes there next. */
  const published = (topic: string) =>
    new Promise<string>((resolve) => {
      const onPublish = (packet: { topic: string; payload: string | Buffer }) => {
        if (packet.topic !== topic) return;
        broker.aedes.off('publish', onPublish);
        resolve(packet.payload.toString());
      };
      broker.aedes.on('publish', onPublish);
    });

  it('boots, sets its clock, connects over TLS and says that it is there', async () => {
    const started = create({ clock: 'unset' });
    const status = published(`virtual/${runtime}/mqb/status`);
    await started.start();
    assert.equal(await status, 'online');
    assert.ok(started.lines.some((line) => /clock set over NTP/.test(line)));
  });

  it('is told what is wrong with its password', async () => {
    const started = create({ password: 'wrong' });
    await started.start();
    assert.match(await started.waitForLine(/password/i), /^[WE] /);
  });

  it('comes back after a power cut, as the same board with another boot', async () => {
    const started = create();
    const info = `virtual/${runtime}/mqb/info`;
    const boots = [];
    for (let i = 0; i < 2; i++) {
      const said = published(info);
      await started.start();
      boots.push(JSON.parse(await said));
      await started.powerCut();
    }
    assert.equal(boots[0].id, boots[1].id);
    assert.notEqual(boots[0].boot, boots[1].boot);
  });

  it('comes back after its connections were lost without a word', async () => {
    const started = create();
    const connected = once(broker.aedes, 'clientReady');
    await started.start();
    await connected;
    const again = once(broker.aedes, 'clientReady');
    started.network(false);
    broker.dropConnections();
    started.network(true);
    await again;
  });
}
