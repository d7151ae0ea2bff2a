import { BoardRefusedError } from '../../protocol/errors';
import { BoardFileError } from '../../protocol/file-errors';
import { boardPath } from '../../protocol/paths';
import { type Call, callBoard, speaksV2, type Way } from '../call';
import { Intake } from '../transfer/intake';
import { Receiver } from '../transfer/receiver';
import { getV1 } from '../v1/get';
import { ask, parseObject } from './ask';
import { MemorySink } from './memory-sink';
import { Meter } from './meter';
import { persist, STALLED, TRANSFER_MS } from './persist';
import type { GetOptions, GetResult } from './types';

/** Reads a file by the version of the wire that the board speaks. */
export async function getFile(way: Way, path: string, options: GetOptions): Promise<GetResult> {
  const begun = performance.now();
  const target = boardPath(path);
  const { timeoutMs = TRANSFER_MS, signal, into } = options;
  const memory = new MemorySink();
  const intake = new Intake(into ?? memory);
  try {
    const done = await callBoard(way, { timeoutMs, signal, idle: STALLED }, (call) => {
      const getting = new Getting(call, target, intake, options);
      return persist(call, () => (speaksV2(way) ? getting.byV2() : getting.byV1()));
    });
    const elapsedMs = performance.now() - begun;
    return { path: target, ...done, data: into ? undefined : memory.data(), elapsedMs };
  } finally {
    intake.listen();
  }
}

type Got = Pick<GetResult, 'size' | 'sha256' | 'resumedAt'>;

/** One get, over however many tries. */
class Getting {
  private readonly meter: Meter;

  constructor(
    private readonly call: Call,
    private readonly path: string,
    private readonly intake: Intake,
    options: GetOptions,
  ) {
    this.meter = new Meter(options.onProgress);
  }

  byV1(): Promise<Got> {
    return getV1(this.call, this.path, this.intake, (bytes, total) => this.received(bytes, total));
  }

  async byV2(): Promise<Got> {
    const { call, path, intake } = this;
    const there = await call.deadline.limit(intake.begin());
    const keys = { path, ...(there.size > 0 && { at: there.size, sha: there.sha256 }) };
    let receiver: Receiver | undefined;
    let said = '';
    let resumedAt = 0;
    const { size, sha } = await ask(call, {
      do: 'get',
      keys,
      repeatable: true,
      onOutput: (text) => {
        said += text;
        const begin = parseObject(said);
        if (!begin) return;
        if (!Number.isSafeInteger(begin.size) || Number(begin.size) < 0) {
          throw new BoardRefusedError('bad', `it said that the file begins as ${said}.`);
        }
        resumedAt = Number(begin.at);
        if (resumedAt !== there.size) this.restart(resumedAt);
        receiver?.start(Number(begin.size));
      },
      transfer: (link) => {
        said = '';
        receiver = new Receiver(link, intake, (bytes, total) => this.received(bytes, total));
        return receiver;
      },
    });
    const sha256 = String(sha);
    if (intake.received !== size || (intake.digest() ?? sha256) !== sha256) {
      await call.deadline.limit(intake.begin());
      this.restart(0);
      const words = 'what arrived is not what the board read';
      throw new BoardFileError('corrupt', path, call.way.prefix, words);
    }
    return { size, sha256, resumedAt };
  }

  private restart(at: number): void {
    if (at !== 0) {
      throw new BoardRefusedError('bad', `it went on at ${at}, where nobody had asked it to.`);
    }
    this.intake.restart();
  }

  private received(bytes: number, total: number): void {
    this.call.deadline.renew();
    this.meter.moved(bytes, total);
  }
}
