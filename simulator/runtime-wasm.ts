import type { Runtime } from './interpreter';
import { unixRuntime } from './runtime-unix';

export const wasmRuntime: Runtime = unixRuntime;
