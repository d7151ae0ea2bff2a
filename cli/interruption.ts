/** Ctrl-C cancels on the board first; pressed again it ends this process at once. */
export function interruption(): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  const abort = () => {
    release();
    controller.abort();
  };
  const release = () => names.forEach((name) => void process.off(name, abort));
  for (const name of names) process.on(name, abort);
  return { signal: controller.signal, release };
}
