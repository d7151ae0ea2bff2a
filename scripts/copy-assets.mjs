// Puts beside the compiled files what tsc leaves out: the nodes' dialogs, help, icons and texts,
// the Python files of the simulator, and the permission to run the command.
import { chmodSync, cpSync, statSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

for (const room of ['nodes', 'simulator']) {
  cpSync(join(root, room), join(root, 'dist', room), {
    recursive: true,
    filter: (source) => statSync(source).isDirectory() || extname(source) !== '.ts',
  });
}

// npx does so when it first links the command, and not again after a build.
chmodSync(join(root, 'dist/cli/main.js'), 0o755);
