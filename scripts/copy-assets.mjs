// Puts beside the compiled files what tsc leaves out: the nodes' dialogs, help, icons and texts,
// and the Python files of the simulator.
import { cpSync, statSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

for (const room of ['nodes', 'simulator']) {
  cpSync(join(root, room), join(root, 'dist', room), {
    recursive: true,
    filter: (source) => statSync(source).isDirectory() || extname(source) !== '.ts',
  });
}
