/** The data of a `g`: how much more of a file its receiver takes. */
export interface GoOn {
  /** Offset up to which the sender may send without being asked again. */
  end: number;
  /** Largest number of bytes after a frame's header. */
  chunk: number;
}

const BYTES = 8;

export function encodeGoOn({ end, chunk }: GoOn): Buffer {
  const data = Buffer.allocUnsafe(BYTES);
  data.writeUInt32BE(end, 0);
  data.writeUInt32BE(chunk, 4);
  return data;
}

/** Returns undefined for data that are none: nothing could be sent by them. */
export function decodeGoOn(data: Buffer): GoOn | undefined {
  if (data.length < BYTES) return undefined;
  const chunk = data.readUInt32BE(4);
  return chunk === 0 ? undefined : { end: data.readUInt32BE(0), chunk };
}
