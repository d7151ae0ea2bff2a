import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './contents';
import type { FileHost, Outcome, PutSteps } from './file-host';

export const BLOCK = 4096;

/** `[to, from, count]`, in blocks, as the command `ota` has them. */
export type Copies = Array<[number, number, number]>;

/** What of an image the running one has not: runs of blocks to copy, and the rest one behind the other. */
export function difference(image: Buffer, running: Buffer): { copies: Copies; patch: Buffer } {
  const places = new Map<string, number>();
  for (let n = 0; n * BLOCK < running.length; n++) {
    const block = running.subarray(n * BLOCK, (n + 1) * BLOCK).toString('latin1');
    if (block.length === BLOCK && !places.has(block)) places.set(block, n);
  }
  const copies: Copies = [];
  const parts: Buffer[] = [];
  for (let n = 0; n * BLOCK < image.length; n++) {
    const block = image.subarray(n * BLOCK, (n + 1) * BLOCK);
    const from = places.get(block.toString('latin1'));
    const last = copies.at(-1);
    if (from === undefined) parts.push(block);
    else if (last && last[0] + last[2] === n && last[1] + last[2] === from) last[2]++;
    else copies.push([n, from, 1]);
  }
  return { copies, patch: Buffer.concat(parts) };
}

/** Has the board write an image; `head` may say something else of it. */
export function writeImage(
  host: FileHost,
  image: Buffer,
  { head = {}, data = image, ...steps }: Omit<PutSteps, 'body'> & { data?: Buffer } = {},
): Promise<Outcome> {
  const id = host.begin('ota', {
    step: 'write',
    size: image.length,
    sha: sha256(image),
    head: image.toString('base64', 0, 288),
    ...head,
  });
  return host.serve(id, data, steps);
}

/** The first bytes of an app slot, from the folder that keeps a virtual board's flash. */
export function slotContent(flash: string, slot: 'ota_0' | 'ota_1', size: number): Buffer {
  const content = Buffer.alloc(size);
  const file = openSync(join(flash, 'state', slot), 'a+');
  try {
    return content.subarray(0, readSync(file, content, 0, size, 0));
  } finally {
    closeSync(file);
  }
}
