import type { FaultProxy } from './fault-proxy';

/** Numbers from 0 to below 1 that look random, and are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Fault = (proxy: FaultProxy, between: (low: number, high: number) => number) => void;

const faults: Fault[] = [
  () => {}, // calm
  (proxy, between) => proxy.delay(between(10, 200)),
  (proxy, between) => proxy.delay(between(50, 400), ['up']),
  (proxy, between) => proxy.throttle(between(20_000, 200_000)),
  (proxy, between) => proxy.throttle(between(20_000, 100_000), ['down']),
  (proxy, between) => proxy.cutAfter(() => between(20_000, 100_000)),
  (proxy, between) => proxy.cutAfter(between(1, 3000)),
  (proxy) => proxy.cut(),
  (proxy) => proxy.goSilent(),
];

/** One fault after the other, each for 100 to 1500 ms. Returns what ends it. */
export function playFaults(proxy: FaultProxy, seed: number): () => void {
  const random = seeded(seed);
  const between = (low: number, high: number) => Math.floor(low + random() * (high - low));
  let timer: NodeJS.Timeout;
  const next = () => {
    proxy.heal();
    faults[between(0, faults.length)]?.(proxy, between);
    timer = setTimeout(next, between(100, 1500));
  };
  next();
  return () => clearTimeout(timer);
}
