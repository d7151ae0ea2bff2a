/** What a board says about itself each time it connects, as far as the host needs it. */
export interface BoardInfo {
  /** Highest version of the wire that it understands. */
  wire: number;
  /** The commands it carries out. */
  do: string[];
  /** Random number of this boot. */
  boot: number | undefined;
  /** Largest number of bytes it takes after a frame's header. */
  chunk: number;
  /** Largest command in bytes. */
  max: number;
  /** Largest window of deflate, in bits, that it inflates; undefined when it cannot. */
  inflate: number | undefined;
  /** Version of the `.mpy` files that it loads; undefined when it loads none. */
  bytecode: number | undefined;
}

const SMALLEST_CHUNK = 64;
const USUAL_CHUNK = 1400;

/** Reads a birth message. Returns undefined for one that is none: the board counts as version 1. */
export function parseInfo(payload: Buffer): BoardInfo | undefined {
  let said: Partial<Record<keyof BoardInfo, unknown>>;
  try {
    said = JSON.parse(payload.toString());
  } catch {
    return undefined;
  }
  if (typeof said !== 'object' || said === null) return undefined;
  const number = (value: unknown, otherwise: number) =>
    typeof value === 'number' && value >= 0 ? value : otherwise;
  return {
    wire: number(said.wire, 1),
    do: Array.isArray(said.do) ? said.do.map(String) : [],
    boot: typeof said.boot === 'number' ? said.boot : undefined,
    chunk: Math.max(SMALLEST_CHUNK, number(said.chunk, USUAL_CHUNK)),
    max: number(said.max, Number.POSITIVE_INFINITY),
    inflate: typeof said.inflate === 'number' ? said.inflate : undefined,
    bytecode: typeof said.bytecode === 'number' ? said.bytecode : undefined,
  };
}
