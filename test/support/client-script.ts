// A program that uses mqtt_async alone, on the unix port of MicroPython.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemTool } from './system-tool';

const library = join(__dirname, '../../firmware/lib');

/** Goes before each script. `client(...)` makes a client whose messages are printed. */
const PRELUDE = `
import sys
sys.path.insert(0, ${JSON.stringify(library)})
import asyncio
import os
import time
from mqtt_async import MQTTClient

def show(topic, msg, retained, qos, dup):
    print("message", topic.decode(), len(msg), bytes(msg[:40]), "retained" if retained else "new",
        "qos%d" % qos, "again" if dup else "first")

def client(**options):
    defaults = {"server": "127.0.0.1", "port": PORT, "client_id": "script", "subs_cb": show,
        "response_time": 1, "pause_min": 0.1}
    defaults.update(options)
    return MQTTClient(defaults)
`;

export class ClientScript {
  readonly lines: string[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(
    private readonly child: ChildProcess,
    readonly folder: string,
  ) {
    let rest = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        const parts = (rest + text).split('\n');
        rest = parts.pop() ?? '';
        this.lines.push(...parts);
        this.wake();
      });
    }
    child.on('close', () => this.wake());
  }

  /**
   * Runs Python. `port` is known to it as PORT, and `folder`, which is removed by `stop`, as FOLDER.
   * The script's last statement should be `asyncio.run(...)`.
   */
  static async run(port: number, source: string): Promise<ClientScript> {
    const folder = mkdtempSync(join(tmpdir(), 'mqboard-script-'));
    const file = join(folder, 'script.py');
    writeFileSync(file, `PORT = ${port}\nFOLDER = ${JSON.stringify(folder)}\n${PRELUDE}${source}`);
    const child = spawn(await systemTool('micropython'), [file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ClientScript(child, folder);
  }

  /** The first line that matches: one already printed, or one to come. */
  async line(pattern: RegExp, timeoutMs = 20_000): Promise<string> {
    const find = () => this.lines.find((line) => pattern.test(line));
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      const { exitCode, signalCode } = this.child;
      if (left <= 0 || exitCode !== null || signalCode !== null) {
        throw new Error(`no line ${pattern} among\n${this.lines.join('\n')}`);
      }
      await this.change(left);
    }
  }

  /** The power is cut. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, 'close');
    this.child.kill('SIGKILL');
    await closed;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.waiting.add(done);
    });
  }

  private wake(): void {
    for (const done of this.waiting) done();
  }
}
