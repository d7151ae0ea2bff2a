// A process of its own: Node-RED with one flow. It answers each message of its parent with a `Sample`.
// Arguments: the user directory, in which flows.json and the counting node lie.
import { join } from 'node:path';
import { Editor } from '../../demo/editor';

/** What the process has done since it started. */
export interface Sample {
  /** Records that reached the end of the flow. */
  records: number;
  cpuSeconds: number;
  residentBytes: number;
}

async function main(): Promise<void> {
  const [userDir = ''] = process.argv.slice(2);
  await Editor.start(join(__dirname, '../..'), userDir, 0);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const { benchRecords = 0 } = globalThis as { benchRecords?: number };
    const sample: Sample = {
      records: benchRecords,
      cpuSeconds: (user + system) / 1e6,
      residentBytes: process.memoryUsage().rss,
    };
    process.send?.(sample);
  });
  process.on('disconnect', () => process.exit());
  process.send?.('running');
}

main();
