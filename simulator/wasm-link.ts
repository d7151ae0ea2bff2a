/**
 * How the thread of a WebAssembly board talks to the thread that owns it: requests are posted, and a
 * request with an answer blocks its thread, as a chip's peripheral would, until the answer lies in
 * shared memory.
 */
export interface BoardThreadData {
  answer: SharedArrayBuffer;
  heapBytes: number;
  flashBlocks: number;
  flashFolder: string;
  stateFolder: string;
  rtcFile: string;
  devicesFolder: string;
}

export type Request =
  | { kind: 'console'; chunk: Uint8Array }
  | { kind: 'tell'; line: string }
  | { kind: 'ask'; line: string }
  /** A call of the socket model; `data` goes out with it. */
  | { kind: 'socket'; line: string; data?: Uint8Array };

/** `value` is a size, or a negative errno; `data` what was received, or text. */
export interface Answer {
  value: number;
  data?: Uint8Array;
}

/** Largest piece of data in an answer. */
export const ANSWER_BYTES = 64 * 1024;

const HEADER_BYTES = 16;
const [STATE, VALUE, SIZE] = [0, 1, 2];
const [WAITING, ANSWERED] = [0, 1];

export function createAnswerMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + ANSWER_BYTES);
}

/** Wakes the board's thread with the answer to its one open request. */
export function giveAnswer(memory: SharedArrayBuffer, { value, data }: Answer): void {
  const header = new Int32Array(memory, 0, 4);
  if (data) new Uint8Array(memory, HEADER_BYTES).set(data);
  header[SIZE] = data?.length ?? 0;
  header[VALUE] = value;
  Atomics.store(header, STATE, ANSWERED);
  Atomics.notify(header, STATE);
}

/** Blocks until the answer is there. Its data is valid until the next request. */
export function awaitAnswer(memory: SharedArrayBuffer): Required<Answer> {
  const header = new Int32Array(memory, 0, 4);
  while (Atomics.load(header, STATE) === WAITING) Atomics.wait(header, STATE, WAITING);
  Atomics.store(header, STATE, WAITING);
  return {
    value: header[VALUE] ?? 0,
    data: new Uint8Array(memory, HEADER_BYTES, header[SIZE] ?? 0),
  };
}

const nothing = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread. */
export function sleep(ms: number): void {
  Atomics.wait(nothing, 0, 0, Math.max(0, ms));
}
