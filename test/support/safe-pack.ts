import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const library = join(__dirname, '../../firmware/lib');

/** The safe copy as a board makes it: our library, and these files by their absolute path. */
export function safePack(files: Record<string, string>, fw = '0.1.0'): Buffer {
  const all = new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
  for (const entry of readdirSync(library, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.py')) continue;
    const path = join(entry.parentPath, entry.name);
    const onBoard = `/lib${path.slice(library.length)}`;
    if (!all.has(onBoard)) all.set(onBoard, readFileSync(path));
  }
  const names = [...all].map(([path, data]) => `${data.length} ${path}\n`).join('');
  const head = `MQbP1\n{"fw": "${fw}", "files": ${all.size}}\n${names}\n`;
  return Buffer.concat([Buffer.from(head), ...all.values()]);
}
