import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMosquitto } from '../../test/support/mosquitto';
import { type Figure, median } from '../figures';
import { type FlowName, writeFlow } from './flows';
import type { Sample } from './node-red';

const BOARDS = 500;
const LINES_PER_SECOND = 20;
const RUNS = 5;
const WARM_UP_MS = 5_000;
const WINDOW_MS = 10_000;

/** What one run of a flow came to. */
interface Run {
  recordsPerSecond: number;
  recordsPerCpuSecond: number;
  cores: number;
  megabytes: number;
}

/**
 * The log lines of 500 boards, 20 a second each, through one Node-RED: with our node, and with the core
 * `mqtt in` node and a function node that splits the line; one after the other, in turns.
 */
export async function measure(): Promise<Figure[]> {
  const ours: Run[] = [];
  const core: Run[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    ours.push(await runFlow('mqboard-log'));
    core.push(await runFlow('mqtt in'));
  }
  const figure = (what: string, unit: string, key: keyof Run): Figure => ({
    what,
    unit,
    value: median(ours.map((run) => run[key])),
    against: { what: 'mqtt in and function', value: median(core.map((run) => run[key])) },
  });
  return [
    figure('records a second', '/s', 'recordsPerSecond'),
    figure('records a CPU second', '/s', 'recordsPerCpuSecond'),
    figure('processor cores in use', '', 'cores'),
    figure('resident memory of Node-RED', 'MB', 'megabytes'),
  ];
}

async function runFlow(name: FlowName): Promise<Run> {
  // All that a slow subscriber has to catch up with is kept for it.
  const broker = await startMosquitto({ configLines: ['max_queued_messages 0'] });
  const userDir = mkdtempSync(join(tmpdir(), 'mqboard-load-'));
  writeFlow(userDir, name, broker.port);
  const nodeRed = await start('node-red', [userDir]);
  const boards = await start('boards', [broker.port, BOARDS, LINES_PER_SECOND].map(String));
  try {
    await pass(WARM_UP_MS);
    const before = await sample(nodeRed);
    const started = performance.now();
    await pass(WINDOW_MS);
    const after = await sample(nodeRed);
    const seconds = (performance.now() - started) / 1000;
    const records = after.records - before.records;
    const cpu = after.cpuSeconds - before.cpuSeconds;
    return {
      recordsPerSecond: records / seconds,
      recordsPerCpuSecond: records / cpu,
      cores: cpu / seconds,
      megabytes: after.residentBytes / 2 ** 20,
    };
  } finally {
    await end(boards);
    await end(nodeRed);
    await broker.stop();
    rmSync(userDir, { recursive: true, force: true });
  }
}

/** Starts a script of this folder; resolves when it says that it is under way. */
async function start(script: string, args: string[]): Promise<ChildProcess> {
  const child = fork(join(__dirname, `${script}.ts`), args, { execArgv: ['--require', 'tsx/cjs'] });
  const failed = once(child, 'exit').then(() => {
    throw new Error(`bench/log-load/${script}.ts ended early`);
  });
  await Promise.race([once(child, 'message'), failed]);
  failed.catch(() => undefined);
  return child;
}

async function sample(nodeRed: ChildProcess): Promise<Sample> {
  const answer = once(nodeRed, 'message');
  nodeRed.send('sample');
  return (await answer)[0] as Sample;
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}

function pass(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
