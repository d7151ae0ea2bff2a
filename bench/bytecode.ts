import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Compiler } from '../core/sync/compiler';

/** Compiles all Python files below a folder into another one, as `.mpy`. */
export async function compileFolder(from: string, to: string): Promise<void> {
  const paths = readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.py'))
    .map((entry) => join(entry.parentPath, entry.name));
  const compiler = new Compiler();
  try {
    for (const path of paths) {
      const name = relative(from, path);
      // The short name is what the figures so far were measured with.
      const compiled = await compiler.compile(
        name.split('/').at(-1) ?? name,
        readFileSync(path, 'utf8'),
      );
      if ('error' in compiled) throw new Error(`${name}: ${compiled.error}`);
      const target = join(to, name.replace(/\.py$/, '.mpy'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, compiled.mpy);
    }
  } finally {
    await compiler.close();
  }
}
