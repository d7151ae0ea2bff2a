// A real mosquitto for the system tests: on a free port of this machine, with a folder of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemTool } from './system-tool';

export interface MosquittoOptions {
  /** PEM texts; with `ca` a client must show a certificate signed by it. */
  tls?: { cert: string; key: string; ca?: string };
  /** User names and their passwords; without it anybody may connect. */
  passwords?: Record<string, string>;
  /** A free one when absent. */
  port?: number;
  /** Further lines of mosquitto.conf, which belong to its one listener. */
  configLines?: string[];
}

export interface Mosquitto {
  url: string;
  port: number;
  /** Of the process that runs now; it changes with a restart. */
  readonly pid: number;
  /** What mosquitto logged so far. */
  readonly log: string;
  /** Ends it in order, and removes its folder. */
  stop(): Promise<void>;
  /** Ends it at once: its clients see their connections break, and their sessions are forgotten. */
  kill(): Promise<void>;
  /** Starts it again on the same port, killing it first where it still runs. */
  restart(): Promise<void>;
}

export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const program = await systemTool('mosquitto');
  const port = options.port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'mqboard-mosquitto-'));
  const config = join(folder, 'mosquitto.conf');
  writeFileSync(config, `${configuration(folder, port, options).join('\n')}\n`);
  let log = '';
  let child: ChildProcess;

  async function start(): Promise<void> {
    child = spawn(program, ['-v', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.on('data', (text) => {
      log += text;
    });
    try {
      await listening(port, child);
    } catch (error) {
      throw new Error(`mosquitto did not start: ${(error as Error).message}\n${log}`);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  await start();
  return {
    url: `${options.tls ? 'mqtts' : 'mqtt'}://localhost:${port}`,
    port,
    get pid() {
      return child.pid ?? 0;
    },
    get log() {
      return log;
    },
    async stop() {
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGKILL');
      await start();
    },
  };
}

/** A port that nothing listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function configuration(folder: string, port: number, options: MosquittoOptions): string[] {
  // Files are written readable for everybody: started by root, mosquitto gives up its rights.
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const lines = [`listener ${port} 127.0.0.1`];
  if (process.getuid?.() === 0) lines.unshift('user root');
  if (options.tls) {
    const { cert, key, ca } = options.tls;
    lines.push(`certfile ${file('cert.pem', cert)}`, `keyfile ${file('key.pem', key)}`);
    if (ca) lines.push(`cafile ${file('ca.pem', ca)}`, 'require_certificate true');
  }
  if (options.passwords) {
    const users = Object.entries(options.passwords).map(passwordLine);
    lines.push('allow_anonymous false', `password_file ${file('passwords', users.join(''))}`);
  } else {
    lines.push('allow_anonymous true');
  }
  return [...lines, ...(options.configLines ?? [])];
}

/** A line of mosquitto's password file, as mosquitto_passwd writes it. */
function passwordLine([user, password]: [string, string]): string {
  const iterations = 101;
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, iterations, 64, 'sha512');
  return `${user}:$7$${iterations}$${salt.toString('base64')}$${hash.toString('base64')}\n`;
}

/** Waits until somebody listens on the port: mosquitto opens one listener after the other. */
export async function listening(port: number, child?: ChildProcess): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    if (child && child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const open = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (open) return;
    if (Date.now() > deadline) throw new Error(`nothing listens on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
