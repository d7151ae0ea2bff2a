/** The sequence number that means "not numbered". */
export const NOT_NUMBERED = 0x7fff;
const LAST = 0x8000;
const BYTES = 2;

/** One message of version 1: its place in the stream, and what it carries. */
export interface MessageV1 {
  sequence: number;
  last: boolean;
  data: Buffer;
}

export function encodeV1({ sequence, last, data }: MessageV1): Buffer {
  const header = Buffer.alloc(BYTES);
  header.writeUInt16BE((last ? LAST : 0) | sequence);
  return Buffer.concat([header, data]);
}

/** Returns undefined for a payload that is too short to be one. */
export function decodeV1(payload: Buffer): MessageV1 | undefined {
  if (payload.length < BYTES) return undefined;
  const header = payload.readUInt16BE();
  return {
    sequence: header & NOT_NUMBERED,
    last: (header & LAST) !== 0,
    data: payload.subarray(BYTES),
  };
}

/** `SEQ n` tells a sender how far the board is; although marked as last it ends nothing. */
export function isAcknowledgementV1({ sequence, last, data }: MessageV1): boolean {
  return last && sequence === NOT_NUMBERED && data.length < 10 && /^SEQ /.test(data.toString());
}
