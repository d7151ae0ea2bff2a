const units = { '': 1, k: 1024, m: 1024 * 1024 };

const FLASH_BLOCK = 4096;

/**
 * Bytes of a heap size as MicroPython's `-X heapsize` takes it.
 * @throws {Error} in words, when it is none or too small for any firmware
 */
export function heapBytes(size: string): number {
  const bytes = bytesOf(size);
  if (bytes < 8 * 1024) {
    throw new Error(`a heap is a size like 128k or 1m, and at least 8k, not ${size}`);
  }
  return bytes;
}

/**
 * Blocks of a flash of the given size.
 * @throws {Error} in words, when it is none or too small for the firmware
 */
export function flashBlocks(size: string): number {
  const blocks = Math.floor(bytesOf(size) / FLASH_BLOCK);
  if (blocks < 64) {
    throw new Error(`a flash is a size like 896k or 4m, and at least 256k, not ${size}`);
  }
  return blocks;
}

function bytesOf(size: string): number {
  const match = /^(\d+)([km]?)$/.exec(size.toLowerCase());
  return match ? Number(match[1]) * units[match[2] as keyof typeof units] : 0;
}
