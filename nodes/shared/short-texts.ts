/** 12 ms, 3.4 s, 12 s, 5 min: short enough to stand below a node. */
export function shortTime(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}

/** 12 B, 3.4 kB, 120 kB, 1.2 MB. */
export function shortSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const kilobytes = bytes / 1000;
  if (kilobytes < 9.95) return `${kilobytes.toFixed(1)} kB`;
  if (kilobytes < 999.5) return `${Math.round(kilobytes)} kB`;
  return `${(kilobytes / 1000).toFixed(1)} MB`;
}
