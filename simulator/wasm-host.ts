import type { PrintBuffer } from './print-buffer';
import type { RtcMemory } from './rtc-memory';
import type { Collector } from './wasm-collector';
import { awaitAnswer, type Request, sleep } from './wasm-link';

/**
 * The module `_host` of the device models. Bytes cross by their address in the interpreter's memory;
 * all else is numbers and strings, because objects of JavaScript would pile up in its proxy table.
 */
export function wasmHost(
  answer: SharedArrayBuffer,
  memory: WebAssembly.Memory,
  collector: Collector,
  printed: PrintBuffer,
  rtc: RtcMemory,
  post: (request: Request) => void,
): object {
  let text = '';
  const bytesAt = (address: number, size: number) => new Uint8Array(memory.buffer, address, size);
  const decode = (bytes: Uint8Array) => Buffer.from(bytes).toString(); // decoders refuse shared memory
  const tell = (request: Request) => {
    printed.flush();
    post(request);
  };
  const ask = (request: Request) => {
    tell(request);
    return awaitAnswer(answer);
  };
  const call = (request: Request): number => {
    const { value, data } = ask(request);
    text = decode(data);
    return value;
  };

  return {
    tell: (line: string) => tell({ kind: 'tell', line }),
    ask: (line: string) => decode(ask({ kind: 'ask', line }).data),
    /** A call of the socket model; returns its value. What came with it is in `text`. */
    call: (line: string) => call({ kind: 'socket', line }),
    text: () => text,
    send: (line: string, address: number, size: number) =>
      call({ kind: 'socket', line, data: bytesAt(address, size).slice() }),
    receive(line: string, address: number, size: number) {
      const { value, data } = ask({ kind: 'socket', line });
      if (value < 0) text = decode(data);
      else bytesAt(address, size).set(data);
      return value;
    },
    sleep(ms: number) {
      printed.flush();
      const start = performance.now();
      collector.idle();
      sleep(ms - (performance.now() - start));
    },
    rtcSize: () => rtc.read().length,
    rtcRead(address: number) {
      const content = rtc.read();
      bytesAt(address, content.length).set(content);
    },
    rtcWrite: (address: number, size: number) => rtc.write(bytesAt(address, size)),
    idle: () => collector.idle(),
    collect: () => collector.collect(),
  };
}
