import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Demo, prefixes } from './demo';
import { claimFolder } from './folder';

/** Whatever still hangs then is ended with the process. */
const STOP_WITHIN_MS = 4000;

const clone = join(__dirname, '..');
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '1880' },
    'broker-port': { type: 'string', default: '8883' },
    folder: { type: 'string', default: join(clone, '.demo') },
    console: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  let stopping = false;
  let demo: Demo | undefined;
  const { folder, release } = claimFolder(values.folder);
  process.on('exit', release);
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS);
    await demo?.stop().catch((error) => console.error(error));
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);

  demo = await Demo.start({
    clone,
    folder,
    editorPort: Number(values.port),
    brokerPort: Number(values['broker-port']),
    ...(values.console && { onLine: (prefix, line) => console.log(`${prefix} | ${line}`) }),
  });
  console.log(welcome(demo, folder));
}

function welcome(demo: Demo, folder: string): string {
  const [board] = prefixes;
  const ca = relative(process.cwd(), demo.ca);
  return `
MQBoard demo: a broker, two virtual boards (${prefixes.join(', ')}) and Node-RED.

  1. Open ${demo.editor.url}
  2. Click the button at the left of the node "a sum".
  3. Look at the debug sidebar, behind the bug at the top right: 921.
  4. On the tab "Logs and crashes" click the button of "make it crash": the debug sidebar tells what
     failed and where, with the lines of its log.
  5. On the tab "Updates" click "a good one", and half a minute later "a bad one": the board tries it,
     goes back by itself, and says why. "current flow" in place of "all nodes", above the messages of
     the debug sidebar, leaves out what the other tabs show.

From a terminal:
  npx mqboard eval '45+876' --prefix ${board} --url ${demo.brokerUrl} --ca ${ca}
  npx mqboard view --since-boot --url ${demo.brokerUrl} --ca ${ca}

Ctrl-C ends all of it. To begin afresh delete ${relative(process.cwd(), folder)}.
`;
}

main().catch((error) => {
  console.error(`The demo could not be started: ${error.message}`);
  process.exit(1);
});
