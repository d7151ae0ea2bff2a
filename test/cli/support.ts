import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import type { Workbench } from '../core/support';

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Run {
  process: ChildProcess;
  finished: Promise<Finished>;
}

const PATIENCE_MS = 20_000;
const MAIN = join(__dirname, '../../dist/cli/main.js');

/** Starts the built command as a user does; what it finds in the environment is `env` alone. */
export function mqboard(args: string[], env: Record<string, string> = {}, stdin = ''): Run {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH, ...env },
  });
  child.stdin.end(stdin);
  const finished = new Promise<Finished>((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { process: child, finished };
}

/** A command that goes on until it is stopped, and what it has written so far. */
export class LiveRun {
  stdout = '';
  stderr = '';
  private readonly run: Run;

  constructor(args: string[], env: Record<string, string>) {
    this.run = mqboard(args, { TZ: 'UTC', ...env });
    this.run.process.stdout?.on('data', (data) => {
      this.stdout += data;
    });
    this.run.process.stderr?.on('data', (data) => {
      this.stderr += data;
    });
  }

  /** Waits until standard output, or error, holds this. */
  async shows(pattern: RegExp, where: 'stdout' | 'stderr' = 'stdout'): Promise<void> {
    const stream = this.run.process[where];
    const patience = AbortSignal.timeout(PATIENCE_MS);
    while (!pattern.test(this[where])) {
      const news = stream && once(stream, 'data', { signal: patience });
      await news?.catch(() => {
        throw new Error(`No ${pattern} in:\n${this.stdout}${this.stderr}`);
      });
    }
  }

  /** The lines of standard output so far. */
  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }

  /** Nobody reads its output any more. */
  hangUp(): void {
    this.run.process.stdout?.destroy();
  }

  /** Waits until it has ended by itself. */
  get finished(): Promise<Finished> {
    return this.run.finished;
  }

  /** As Ctrl-C does. */
  async stop(): Promise<Finished> {
    this.run.process.kill('SIGINT');
    return this.finished;
  }
}

/** A board as far as it speaks without being asked. */
export class TalkingBoard {
  private constructor(
    private readonly client: MqttClient,
    readonly prefix: string,
  ) {}

  static async start(bench: Workbench, url: string, prefix: string): Promise<TalkingBoard> {
    const client = await connectAsync(url, { reconnectPeriod: 20 });
    bench.keep(client, () => client.endAsync(true));
    return new TalkingBoard(client, prefix);
  }

  async status(status: 'online' | 'offline'): Promise<void> {
    await this.publish('mqb/status', status, true);
  }

  async info(info: object): Promise<void> {
    await this.publish('mqb/info', JSON.stringify({ wire: 2, do: [], ...info }), true);
  }

  async crash(report: { id: string; [key: string]: unknown }): Promise<void> {
    await this.publish(`mqb/crash/${report.id}`, JSON.stringify(report), true);
  }

  async log(...lines: string[]): Promise<void> {
    for (const line of lines) await this.publish('log', line);
  }

  private async publish(topic: string, payload: string, retain = false): Promise<void> {
    await this.client.publishAsync(`${this.prefix}/${topic}`, payload, { qos: 1, retain });
  }
}
