const units = { '': 1, k: 1024, m: 1024 * 1024 };

/**
 * Bytes of a heap size as MicroPython's `-X heapsize` takes it.
 * @throws {Error} in words, when it is none or too small for any firmware
 */
export function heapBytes(size: string): number {
  const match = /^(\d+)([km]?)$/.exec(size.toLowerCase());
  const bytes = match ? Number(match[1]) * units[match[2] as keyof typeof units] : 0;
  if (bytes < 16 * 1024) {
    throw new Error(`a heap is a size like 128k or 1m, and at least 16k, not ${size}`);
  }
  return bytes;
}
