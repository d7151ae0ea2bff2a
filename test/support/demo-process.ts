import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

export interface DemoArguments {
  folder: string;
  /** Preferred ports; 0, the default, for free ones. */
  port?: number;
  brokerPort?: number;
}

/** The demo as `npm start` runs it, in a process of its own. */
export class DemoProcess {
  /** Address of the editor, with a slash at its end. */
  url = '';
  /** Port of the demo's broker, which speaks TLS. */
  brokerPort = 0;
  /** All that it printed. */
  output = '';

  private constructor(private readonly child: ChildProcess) {}

  static async start({ folder, port = 0, brokerPort = 0 }: DemoArguments): Promise<DemoProcess> {
    const file = join(root, 'demo', 'start.ts');
    const ports = ['--port', `${port}`, '--broker-port', `${brokerPort}`];
    const args = ['--require', 'tsx/cjs', file, '--folder', folder, ...ports];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const demo = new DemoProcess(child);
    await demo.ready();
    return demo;
  }

  /** Ends it as Ctrl-C does. Returns how long that took, in milliseconds, and its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<{ tookMs: number; code: number | null }> {
    const begun = performance.now();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill(signal);
      await once(this.child, 'exit');
    }
    return { tookMs: performance.now() - begun, code: this.child.exitCode };
  }

  private ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const read = (chunk: Buffer) => {
        this.output += chunk.toString();
        const url = /Open (http:\S+)/.exec(this.output)?.[1];
        const brokerPort = /mqtts:\/\/localhost:(\d+)/.exec(this.output)?.[1];
        if (!url || !brokerPort) return;
        this.url = url;
        this.brokerPort = Number(brokerPort);
        resolve();
      };
      this.child.stdout?.on('data', read);
      this.child.stderr?.on('data', read);
      this.child.once('exit', () => reject(new Error(`The demo ended:\n${this.output}`)));
    });
  }
}
