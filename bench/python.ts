import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { systemTool } from '../test/support/system-tool';

/** A Python program of this folder that runs on the unix port of MicroPython. */
export interface RunningPython {
  /** Waits for a line that it prints, from its start on. */
  line(pattern: RegExp): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a program and waits until it prints `ready`. */
export async function startPython(
  script: string,
  args: string[],
  { path = '', options = [] as string[] } = {},
): Promise<RunningPython> {
  const child = spawn(
    await systemTool('micropython'),
    [...options, join(__dirname, 'python', script), ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...(path && { MICROPYPATH: path }) },
    },
  );
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));

  const running = {
    line: async (pattern: RegExp) => {
      for (;;) {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`${script} ended: ${lines.join('\n')}`);
        await Promise.race([once(reader, 'line'), once(child, 'exit')]);
      }
    },
    stop: () => stop(child),
  };
  await running.line(/^ready/);
  return running;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
