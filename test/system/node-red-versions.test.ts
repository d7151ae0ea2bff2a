import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Broker } from '../../demo/broker';
import { VirtualBoard } from '../../simulator/index';

const run = promisify(execFile);
const root = join(__dirname, '../..');

/** The oldest and the newest that people use together; both installed from npm, Node.js too. */
const environments = [
  { nodeRed: '4.1', node: '20' },
  { nodeRed: '5', node: '24' },
];

/** The inject nodes of the demo flow, and what each makes the debug nodes show. */
const buttons = {
  'a sum': /debug:sum\] 921$/,
  'who are you?': /micropython/,
  'a mistake': /NameError/,
  'count to ten': /debug:each line.*step 3 of 10/,
};

describe('The packed package', () => {
  let packed: string;
  /** Folders of the programs and of a user, by the version of Node-RED. */
  const places = new Map<string, { home: string; userDir: string }>();

  before('npm pack and install', async function () {
    this.timeout(300_000);
    packed = mkdtempSync(join(tmpdir(), 'mqboard-pack-'));
    // What prepack would build has just been built by `npm run test:system`.
    const { stdout } = await run(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', packed],
      { cwd: root },
    );
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    await Promise.all(
      environments.map(async ({ nodeRed, node }) => {
        const userDir = join(packed, `user-${nodeRed}`);
        mkdirSync(userDir);
        const [home] = await Promise.all([
          installEnvironment(nodeRed, node),
          npmInstall(userDir, '--no-save', join(packed, filename)),
        ]);
        places.set(nodeRed, { home, userDir });
      }),
    );
  });

  after(() => rmSync(packed, { recursive: true, force: true }));

  for (const { nodeRed, node } of environments) {
    it(`runs the demo flow in Node-RED ${nodeRed} on Node ${node}`, async function () {
      this.timeout(120_000);
      const { home = '', userDir = '' } = places.get(nodeRed) ?? {};
      const broker = await Broker.start();
      const board = new VirtualBoard({ url: broker.url, prefix: 'demo/shed' });
      let nodeRedProcess: NodeRed | undefined;
      try {
        await board.start();
        writeFileSync(join(userDir, 'flows.json'), JSON.stringify(demoFlow(broker.url)));
        nodeRedProcess = await NodeRed.start(home, userDir);
        await board.waitForLine(/ready for commands/, 60_000);
        assert.equal(await nodeRedProcess.get('resources/@mqboard/node-red/dialogs.js'), 200);
        for (const [button, answer] of Object.entries(buttons)) {
          await nodeRedProcess.inject(button);
          await nodeRedProcess.line(answer);
        }
      } finally {
        await nodeRedProcess?.stop();
        await board.stop();
        await broker.stop();
      }
    });
  }
});

/** Installs one Node-RED and one Node.js into `.tools/`, once, and returns the folder. */
async function installEnvironment(nodeRed: string, node: string): Promise<string> {
  const home = join(root, '.tools', `node-red-${nodeRed}`);
  if (existsSync(join(home, 'installed'))) return home;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), '{"private":true}');
  await npmInstall(home, `node-red@${nodeRed}`, `node@${node}`);
  writeFileSync(join(home, 'installed'), '');
  return home;
}

async function npmInstall(folder: string, ...what: string[]): Promise<void> {
  const quick = ['--no-audit', '--no-fund', '--prefer-offline'];
  await run('npm', ['install', ...quick, ...what], { cwd: folder });
}

interface FlowNode {
  id: string;
  type: string;
  name?: string;
  [property: string]: unknown;
}

/** The demo flow, on this test's broker, with its debug nodes writing to the console. */
function demoFlow(url: string): FlowNode[] {
  const flow = JSON.parse(
    readFileSync(join(root, 'examples/first-light.json'), 'utf8'),
  ) as FlowNode[];
  return flow.map((node) => {
    if (node.type === 'mqboard-config') return { ...node, host: url, tls: '' };
    if (node.type === 'debug') return { ...node, console: true };
    return node;
  });
}

/** A Node-RED of another version, in a process of its own. */
class NodeRed {
  private output = '';
  private readonly news = new Set<() => void>();

  private constructor(
    private readonly process: ChildProcess,
    private readonly port: number,
  ) {
    const tell = () => {
      for (const look of this.news) look();
    };
    for (const stream of [process.stdout, process.stderr]) {
      stream?.on('data', (chunk) => {
        this.output += chunk;
        tell();
      });
    }
    process.on('exit', tell);
  }

  static async start(home: string, userDir: string): Promise<NodeRed> {
    const port = await freePort();
    const child = spawn(
      join(home, 'node_modules/node/bin/node'),
      [
        join(home, 'node_modules/node-red/red.js'),
        ...['--userDir', userDir, '--port', String(port)],
        ...['-D', 'uiHost=127.0.0.1', '-D', 'telemetry.enabled=false'],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const started = new NodeRed(child, port);
    await started.line(/Started flows/);
    return started;
  }

  /** The status with which it answers the editor's request for a file. */
  async get(path: string): Promise<number> {
    return (await fetch(`http://127.0.0.1:${this.port}/${path}`)).status;
  }

  /** Presses the button of the inject node with that name. */
  async inject(name: string): Promise<void> {
    const flows = (await (await fetch(`http://127.0.0.1:${this.port}/flows`)).json()) as FlowNode[];
    const node = flows.find((one) => one.type === 'inject' && one.name === name);
    assert.ok(node, `no inject node is called ${name}`);
    const answer = await fetch(`http://127.0.0.1:${this.port}/inject/${node.id}`, {
      method: 'POST',
    });
    assert.equal(answer.status, 200);
  }

  /** Waits for a line of its console. */
  line(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.output.split('\n').find((line) => pattern.test(line));
        if (found === undefined && this.process.exitCode === null) return;
        this.news.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`Node-RED ended:\n${this.output}`));
      };
      this.news.add(look);
      look();
    });
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
