import { InvalidInputError } from '../../protocol/errors';
import { boardPath } from '../../protocol/paths';
import { type Call, callBoard, speaksV2, type Way } from '../call';
import { type Content, shareContent } from '../transfer/content';
import { Sender } from '../transfer/sender';
import { windowBits } from '../transfer/window-bits';
import { putV1 } from '../v1/put';
import { ask } from './ask';
import { Meter } from './meter';
import { persist, STALLED, TRANSFER_MS } from './persist';
import type { PutOptions, PutResult } from './types';

/** Room for what every command line has. */
const HEAD_BYTES = 100;
const NOTHING = Buffer.alloc(0);

/** Writes a file by the version of the wire that the board speaks. */
export async function putFile(
  way: Way,
  path: string,
  data: Buffer,
  options: PutOptions,
): Promise<PutResult> {
  const begun = performance.now();
  const target = boardPath(path);
  if (!(data instanceof Uint8Array)) {
    throw new InvalidInputError('BAD_CONTENT', 'no content', 'What to put must be a Buffer.');
  }
  // Any bytes will do, but frames are made by what only a Buffer can.
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  const { content, release } = shareContent(bytes);
  const { timeoutMs = TRANSFER_MS, signal } = options;
  try {
    const done = await callBoard(way, { timeoutMs, signal, idle: STALLED }, (call) => {
      const putting = new Putting(call, target, content, options);
      return persist(call, () => (speaksV2(way) ? putting.byV2() : putting.byV1()));
    });
    const { size, sha256 } = content;
    return { path: target, size, sha256, ...done, elapsedMs: performance.now() - begun };
  } finally {
    release();
  }
}

type Done = Omit<PutResult, 'path' | 'size' | 'sha256' | 'elapsedMs'>;

/** One put, over however many tries. */
class Putting {
  private wireBytes = 0;
  private compressed = false;
  private readonly meter: Meter;

  constructor(
    private readonly call: Call,
    private readonly path: string,
    private readonly content: Content,
    private readonly options: PutOptions,
  ) {
    this.meter = new Meter(options.onProgress);
  }

  async byV2(): Promise<Done> {
    const { call, content, path, options } = this;
    const { size, sha256: sha } = content;
    const keys = { path, size, sha, ...(options.parents && { parents: true }) };
    const body = this.body(keys);
    const first = this.wireBytes === 0;
    const { at, same } = await ask(call, {
      do: 'put',
      keys,
      body,
      repeatable: true,
      onSent: () => {
        this.wireBytes += body.length;
      },
      transfer: (link) => new Sender(content, this.windowBits(), link, this),
    });
    this.received(size);
    const { wireBytes, compressed } = this;
    // What an earlier try of ours has brought there is a change all the same.
    const unchanged = same === true && first;
    return { wireBytes, compressed, resumedAt: same ? 0 : Number(at), unchanged };
  }

  async byV1(): Promise<Done> {
    const { call, content, path, options } = this;
    const first = this.wireBytes === 0;
    let done = 0;
    const onSent = (bytes: number) => {
      done += bytes;
      this.sent(bytes, false);
      this.received(done);
    };
    const parents = options.parents === true;
    const { unchanged } = await putV1(call, { path, content, parents, onSent });
    const { wireBytes } = this;
    return { wireBytes, compressed: false, resumedAt: 0, unchanged: unchanged && first };
  }

  sent(bytes: number, deflated: boolean): void {
    this.wireBytes += bytes;
    this.compressed ||= deflated;
  }

  received(bytes: number): void {
    this.call.deadline.renew();
    this.meter.moved(bytes, this.content.size);
  }

  /** A small file travels in the command itself. */
  private body(keys: object): Buffer {
    const room = (this.call.way.presence.info?.chunk ?? 0) - HEAD_BYTES;
    const fits = this.content.size + Buffer.byteLength(JSON.stringify(keys)) <= room;
    return fits ? this.content.bytes : NOTHING;
  }

  private windowBits(): number {
    return this.options.compress === false ? 0 : windowBits(this.call.way.presence.info);
  }
}
