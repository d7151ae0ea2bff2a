import { createHash } from 'node:crypto';
import { buildRelease, type Release, SharedStream } from '../../core/index';
import type { Behaviour } from '../support/scripted-board';
import type { UpdatesBehaviour } from '../support/scripted-updates';
import type { Workbench } from './support';

/** Bytes that do not compress and are always the same. */
export function noise(size: number, seed = 'a'): Buffer {
  const parts = [...Array(Math.ceil(size / 32)).keys()].map((at) =>
    createHash('sha256').update(`${seed} ${at}`).digest(),
  );
  return Buffer.concat(parts, size);
}

/** A release with two files, one of them of so many bytes. */
export function release(version = '2', size = 20_000): Promise<Release> {
  const files = [
    { path: 'large.bin', data: noise(size) },
    { path: 'oven.py', data: `VERSION = "${version}"\n` },
  ];
  return buildRelease({ slot: 'app', name: 'oven', version, files });
}

/** Boards side by side behind one connection, and a stream for all of them. */
export async function fleetOf(
  bench: Workbench,
  behaviours: UpdatesBehaviour[],
  more: Behaviour = {},
) {
  const broker = await bench.broker();
  const connection = await bench.connected(broker.url);
  const boards = [];
  for (const [index, updates] of behaviours.entries()) {
    const prefix = `shed/${index}`;
    const remote = await bench.scripted(broker.url, prefix, { ...more, updates });
    boards.push({ prefix, remote, board: bench.board(connection, prefix) });
  }
  return { broker, connection, boards, share: new SharedStream(connection, 'shed') };
}
