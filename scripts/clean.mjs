// Removes what an earlier build made: a file that was deleted or renamed must not stay in dist/ and
// be packed.
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

rmSync(join(dirname(fileURLToPath(import.meta.url)), '../dist'), { recursive: true, force: true });
