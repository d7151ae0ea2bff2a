import { randomBytes } from 'node:crypto';
import { buildRelease, packRelease } from '../../core/index';
import { appImage, sealImage } from '../../simulator/app-image';

/** What a flow sends to an `mqboard-ota` node. */
export interface Sent {
  /** The node's setting. */
  what: 'app' | 'config' | 'image' | 'release';
  payload: unknown;
  needs?: object;
}

export interface BadUpdate {
  title: string;
  /** `config`: the text of the board's board_config.py. */
  make(config: string): Sent | Promise<Sent>;
}

/** An application whose module `shed` begins with these lines. */
const app = (source: string, more: Partial<Sent> = {}) => ({
  what: 'app' as const,
  payload: [{ path: 'shed.py', content: `version = "2.0"\n${source}` }],
  ...more,
});
const task = (lines: string) => `
import asyncio

async def run():
    await asyncio.sleep(5)
${lines.replace(/^/gm, '    ')}

def start(mqtt, config):
    global running
    running = asyncio.create_task(run())
`;
const configuration = (text: string, more: Array<{ path: string; content: string }> = []) => ({
  what: 'config' as const,
  payload: [{ path: 'board_config.py', content: text }, ...more],
});
const image = (payload: Buffer) => ({ what: 'image' as const, payload });

/** `otherCa` signed nothing that a broker has. */
export const badUpdates = (otherCa: string): BadUpdate[] => [
  { title: 'a syntax error', make: () => app('def start(mqtt, config)\n') },
  { title: 'an import that is not there', make: () => app('import thermometer\n') },
  { title: 'a crash after 5 s', make: () => app(task('{}["setpoint"]')) },
  { title: 'an endless loop after 5 s', make: () => app(task('while True:\n    pass')) },
  {
    title: 'a module that eats all memory, and survives it',
    make: () =>
      app(
        // It leaves small pieces, so that what runs already goes on running.
        task(`hoard = []
while True:
    try:
        hoard.append(bytearray(1000))
    except MemoryError:
        await asyncio.sleep_ms(50)`),
      ),
  },
  {
    title: 'a module that restarts the board',
    make: () => app('import machine\n\ndef start(mqtt, config):\n    machine.reset()\n'),
  },
  {
    title: 'a health check that says no',
    make: () => app('def start(mqtt, config):\n    pass\n\ndef healthy():\n    return False\n'),
  },
  {
    title: 'a configuration with a syntax error',
    make: (config) => configuration(`${config}\nmodules += [\n`),
  },
  {
    title: "a broker's address where nobody answers",
    make: (config) => configuration(`${config}\nmqtt["port"] = 1\n`),
  },
  {
    title: 'a wrong Wi-Fi password',
    make: (config) => configuration(`${config}\nmqtt["wifi_pw"] = "mistyped"\n`),
  },
  {
    title: 'a wrong certificate authority',
    make: (config) =>
      configuration(`${config}\nmqtt["ssl_params"]["ca"] = "/other.pem"\n`, [
        { path: 'other.pem', content: otherCa },
      ]),
  },
  {
    title: 'an application that is too big',
    make: () => ({
      what: 'app',
      payload: [{ path: 'sounds.bin', content: randomBytes(2_000_000) }],
    }),
  },
  { title: 'an image that is too big', make: () => image(appImage({ size: 1_600_000 })) },
  { title: 'an image for another chip', make: () => image(appImage({ chip: 'esp32s3' })) },
  { title: 'an image that was cut short', make: () => image(appImage().subarray(0, 20_000)) },
  {
    title: 'an image with a flipped bit',
    make: () => {
      const flipped = appImage();
      flipped[30_000] = (flipped[30_000] ?? 0) ^ 4;
      return image(flipped);
    },
  },
  { title: 'an image that does not start', make: () => image(panicking()) },
  {
    title: 'a manifest that lies',
    make: async () => {
      const files = [{ path: 'shed.py', data: 'version = "2.0"\n' }];
      const release = await buildRelease({ slot: 'app', name: 'shed', version: '2.0', files });
      const [content = Buffer.alloc(0)] = release.contents;
      const contents = [Buffer.from(content.toString().replace('2.0', '6.6'))];
      return { what: 'release', payload: packRelease({ ...release, contents }) };
    },
  },
  {
    title: 'a need for a newer MicroPython',
    make: () => app('def start(mqtt, config):\n    pass\n', { needs: { mpy: '1.99' } }),
  },
];

function panicking(): Buffer {
  const made = appImage({ version: '2.0.0', starts: false });
  sealImage(made);
  return made;
}
