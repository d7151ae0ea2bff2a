import { inflateRawSync } from 'node:zlib';
import { encodeGoOn } from '../../core/protocol/go-on';
import type { Exchange, Take } from './scripted-files';

/** How long it waits in a transfer before it asks again. */
const PATIENCE_MS = 300;

export interface Pulling {
  size: number;
  /** What is there already. */
  begin: Buffer;
  /** How much it takes without asking again. */
  window: number;
  /** Called with each `d` that it has taken, and all that is there then. */
  onTaken?: (bytes: Buffer) => void;
  /** All is there. */
  finish: (whole: Buffer) => void;
  /** Does something again and again, until the timer is cleared or the board stops. */
  every: (milliseconds: number, action: () => void) => NodeJS.Timeout;
}

/** The receiving half of a transfer, by `docs/protocol.md`; returns what takes its frames. */
export function pull({ send }: Exchange, pulling: Pulling): Take {
  const { size, window, finish } = pulling;
  let there = pulling.begin;
  let end = there.length;
  let gap = -1;
  if (there.length === size) {
    finish(there);
    return () => {};
  }
  const ask = (marked: boolean) => {
    end = Math.min(there.length + window, size);
    send('g', there.length, encodeGoOn({ end, chunk: 512 }), marked);
  };
  const timer = pulling.every(PATIENCE_MS, () => ask(true));
  ask(false);
  return ({ kind, n, data, marked }) => {
    if (kind !== 'd' || there.length === size) return;
    if (n !== there.length) {
      if (n > there.length && gap !== there.length) {
        gap = there.length;
        ask(true);
      }
      return;
    }
    timer.refresh();
    there = Buffer.concat([there, marked ? inflateRawSync(data) : data]);
    pulling.onTaken?.(there);
    if (there.length === size) {
      clearInterval(timer);
      finish(there);
    } else if (end - there.length <= window / 2) ask(false);
  };
}
