import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { connectAsync } from 'mqtt';
import { DemoProcess } from '../support/demo-process';

interface FlowNode {
  id: string;
  type: string;
  name?: string;
  port?: string;
}

async function flowsOf({ url }: DemoProcess): Promise<FlowNode[]> {
  return (await fetch(`${url}flows`)).json() as Promise<FlowNode[]>;
}

async function deploy({ url }: DemoProcess, nodes: FlowNode[]): Promise<void> {
  const response = await fetch(`${url}flows`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(nodes),
  });
  assert.equal(response.ok, true);
}

describe('npm start', () => {
  let folder: string;
  let demo: DemoProcess | undefined;
  let second: DemoProcess | undefined;
  let squatter: Server | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mqboard-demo-'));
  });
  afterEach(async () => {
    await demo?.stop('SIGKILL');
    await second?.stop('SIGKILL');
    squatter?.close();
    squatter = undefined;
    for (const used of [folder, `${folder}-2`]) rmSync(used, { recursive: true, force: true });
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends all of it within 5 s on ${signal}`, async () => {
      demo = await DemoProcess.start({ folder });
      const { tookMs, code } = await demo.stop(signal);
      assert.ok(tookMs < 5000, `took ${tookMs} ms`);
      assert.equal(code, 0);
      await assert.rejects(fetch(demo.url));
      const ca = join(folder, 'ca.pem');
      assert.ok(existsSync(ca));
      const broker = `mqtts://localhost:${demo.brokerPort}`;
      await assert.rejects(connectAsync(broker, { reconnectPeriod: 0 }));
    });
  }

  it('keeps the flows that the user changed, and the address of its broker up to date', async () => {
    demo = await DemoProcess.start({ folder });
    const before = demo.brokerPort;
    const nodes = await flowsOf(demo);
    for (const node of nodes) if (node.name === 'a sum') node.name = 'my sum';
    await deploy(demo, nodes);
    await demo.stop();

    squatter = createServer().listen(before, '127.0.0.1');
    demo = await DemoProcess.start({ folder, brokerPort: before });
    assert.notEqual(demo.brokerPort, before);
    const after = await flowsOf(demo);
    assert.ok(after.some(({ name }) => name === 'my sum'));
    const server = after.find(({ type }) => type === 'mqboard-config');
    assert.equal(server?.port, `${demo.brokerPort}`);
  });

  it('takes another port when that of the editor is taken', async () => {
    squatter = createServer();
    await new Promise<void>((resolve) => squatter?.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as { port: number };
    demo = await DemoProcess.start({ folder, port });
    assert.notEqual(new URL(demo.url).port, `${port}`);
    assert.equal((await fetch(demo.url)).status, 200);
  });

  it('runs twice at once, each with boards and flows of its own', async () => {
    demo = await DemoProcess.start({ folder });
    const made = statSync(join(folder, 'boards', 'made-from')).mtimeMs;
    second = await DemoProcess.start({ folder });
    assert.match(second.output, new RegExp(`${basename(folder)}-2`));
    assert.ok(existsSync(join(`${folder}-2`, 'boards', 'demo-shed')));
    assert.equal(statSync(join(folder, 'boards', 'made-from')).mtimeMs, made);
    for (const one of [demo, second]) {
      const server = (await flowsOf(one)).find(({ type }) => type === 'mqboard-config');
      assert.equal(server?.port, `${one.brokerPort}`);
    }
  });

  it('takes its folder again after it was killed', async () => {
    demo = await DemoProcess.start({ folder });
    await demo.stop('SIGKILL');
    demo = await DemoProcess.start({ folder });
    assert.equal(existsSync(`${folder}-2`), false);
  });
});
