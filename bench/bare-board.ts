import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemTool } from '../test/support/system-tool';

/** Generous: a board whose heap is too small may spend its time on collections. */
const PATIENCE_MS = 8_000;
const firmware = join(__dirname, '../firmware');
const chip = join(__dirname, 'python/chip');
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
}

export interface BareBoard {
  stop(): Promise<void>;
}

/**
 * The firmware on the bare unix port: neither the device models nor the tunnel of a virtual board, so
 * that what is measured is the firmware. Resolves when the board is ready for commands; rejects when
 * it runs out of memory, or of time.
 */
export async function startBareBoard(options: BareBoardOptions): Promise<BareBoard> {
  const folder = mkdtempSync(join(tmpdir(), 'mqboard-bench-'));
  writeFileSync(join(folder, 'board_config.py'), configuration(options));
  const path = ['.frozen', chip, folder, options.library ?? join(firmware, 'lib')].join(':');
  const child = spawn(
    await systemTool('micropython'),
    ['-X', `heapsize=${options.heapKilobytes}k`, starter, join(firmware, 'main.py')],
    { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, MICROPYPATH: path } },
  );
  const gone = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await isReady(child.stdout);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

function configuration({ port, prefix, ca }: BareBoardOptions): string {
  const ssl = ca ? `{"server_hostname": "localhost", "ca": ${JSON.stringify(ca)}}` : 'None';
  return `
mqtt = {"server": "127.0.0.1", "port": ${port}, "ssl_params": ${ssl}}
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
