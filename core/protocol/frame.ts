const HEADER_BYTES = 10;
const LAST = 1;
const MARKED = 2;

type HostKind = 'h' | 'c' | 'a' | 'x';
type BoardKind = 'H' | 'k' | 'w' | 'r' | 'o' | 'v' | 'e' | 'f' | 's';
/** The two kinds of a transfer: whoever sends the file sends `d`, whoever receives it `g`. */
export type TransferKind = 'd' | 'g';
/** What a frame is for. */
export type FrameKind = HostKind | BoardKind | TransferKind;
const KINDS = new Set<string>([...'hcaxHkwrovefsdg']);

/** One payload of version 2. */
export interface Frame {
  kind: FrameKind;
  last: boolean;
  /** Of `d`: the data are deflated. Of `g`: what was sent from `n` on did not arrive. */
  marked: boolean;
  /** Number of the exchange, unsigned 32 bits. */
  id: number;
  /** Position, unsigned 32 bits; its meaning depends on the kind. */
  n: number;
  data: Buffer;
}

const EMPTY: Buffer = Buffer.alloc(0);

export function encodeFrame(
  kind: FrameKind,
  id: number,
  n = 0,
  data = EMPTY,
  last = false,
  marked = false,
): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + data.length);
  frame.write(kind, 0, 'latin1');
  frame[1] = (last ? LAST : 0) | (marked ? MARKED : 0);
  frame.writeUInt32BE(id, 2);
  frame.writeUInt32BE(n, 6);
  data.copy(frame, HEADER_BYTES);
  return frame;
}

/** Returns undefined for what is no frame of this version: it is to be ignored. */
export function decodeFrame(payload: Buffer): Frame | undefined {
  if (payload.length < HEADER_BYTES) return undefined;
  const kind = String.fromCharCode(payload[0] ?? 0);
  if (!KINDS.has(kind)) return undefined;
  return {
    kind: kind as FrameKind,
    last: ((payload[1] ?? 0) & LAST) !== 0,
    marked: ((payload[1] ?? 0) & MARKED) !== 0,
    id: payload.readUInt32BE(2),
    n: payload.readUInt32BE(6),
    data: payload.subarray(HEADER_BYTES),
  };
}
