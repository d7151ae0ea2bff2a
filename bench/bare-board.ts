import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemTool } from '../test/support/system-tool';

/** Generous: a board whose heap is too small may spend its time on collections. */
const PATIENCE_MS = 8_000;
const firmware = join(__dirname, '../firmware');
const chip = join(__dirname, 'python/chip');
const slots = join(__dirname, 'python/slots');
const SLOT_BYTES = 1536 * 1024;
const starter = join(__dirname, 'python/bare_board.py');

export interface BareBoardOptions {
  /** Port of a broker on this machine. */
  port: number;
  prefix: string;
  heapKilobytes: number;
  /** PEM file of the authority that the broker's certificate is verified with; no TLS without it. */
  ca?: string;
  /** Folder of the firmware's modules, where they are not to be taken from source. */
  library?: string;
  /** More options of the MQTT client, as lines of a Python dict. */
  mqtt?: string;
  /** What the running one of two app partitions holds; without it there are none. */
  image?: Buffer;
}

export interface BareBoard {
  /** The folder of this machine that is the board's file system. */
  root: string;
  stop(): Promise<void>;
}

/**
 * The firmware on the bare unix port: neither the device models nor the tunnel of a virtual board, so
 * that what is measured is the firmware. Resolves when the board is ready for commands; rejects when
 * it runs out of memory, or of time.
 */
export async function startBareBoard(options: BareBoardOptions): Promise<BareBoard> {
  const root = mkdtempSync(join(tmpdir(), 'mqboard-bench-'));
  writeFileSync(join(root, 'board_config.py'), configuration(options));
  if (options.ca) copyFileSync(options.ca, join(root, 'ca.pem'));
  symlinkSync(join(firmware, 'main.py'), join(root, 'main.py'));
  symlinkSync(options.library ?? join(firmware, 'lib'), join(root, 'lib'));
  symlinkSync(chip, join(root, 'chip'));
  if (options.image) {
    symlinkSync(slots, join(root, 'slots'));
    const rest = Buffer.alloc(SLOT_BYTES - options.image.length, 0xff);
    writeFileSync(join(root, 'ota_0'), Buffer.concat([options.image, rest]));
  }
  const child = spawn(
    await systemTool('micropython'),
    ['-X', `heapsize=${options.heapKilobytes}k`, starter, root],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, MICROPYPATH: '.frozen:/chip:/slots:/lib' },
    },
  );
  const gone = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await gone;
    rmSync(root, { recursive: true, force: true });
  };
  try {
    await isReady(child.stdout);
  } catch (error) {
    await stop();
    throw error;
  }
  return { root, stop };
}

function configuration({ port, prefix, ca, mqtt = '' }: BareBoardOptions): string {
  const ssl = ca ? '{"server_hostname": "localhost", "ca": "/ca.pem"}' : 'None';
  return `
mqtt = {"server": "127.0.0.1", "port": ${port}, "ssl_params": ${ssl}, ${mqtt}}
mqrepl = {"prefix": "${prefix}/mqb/"}
logging = {"topic": "${prefix}/log"}
modules = ["mqtt", "logging", "mqrepl"]
`;
}

/** Waits for the line that says so. */
function isReady(output: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(
      () => reject(new Error('The board was not ready in time')),
      PATIENCE_MS,
    );
    const settle = (end: () => void) => {
      clearTimeout(timer);
      end();
    };
    output.on('data', (chunk) => {
      said += chunk;
      if (/ready for commands/.test(said)) settle(resolve);
      else if (/MemoryError|memory allocation failed/.test(said))
        settle(() => reject(new Error(said)));
    });
    output.on('end', () => settle(() => reject(new Error(said))));
  });
}
