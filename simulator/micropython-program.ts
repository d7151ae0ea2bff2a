import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from './package-paths';

/**
 * Path of the unix port of MicroPython: from MICROPYTHON, from PATH, or in a clone of the repository
 * from where its system tests get it.
 * @throws {Error} in words, when it is nowhere
 */
export async function findMicroPython(): Promise<string> {
  const given = process.env.MICROPYTHON;
  if (given) {
    if (existsSync(given)) return given;
    throw new Error(`MICROPYTHON is ${given}, and there is no such file`);
  }
  const places = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const found = places.map((place) => join(place, 'micropython')).find((path) => existsSync(path));
  if (found) return found;
  const tools = join(packageRoot, 'scripts', 'system-tools.mjs');
  if (existsSync(tools)) {
    const { systemTool } = await import(pathToFileURL(tools).href);
    return systemTool('micropython');
  }
  throw new Error(
    'The unix runtime needs the program micropython (Debian and Ubuntu: apt install micropython). ' +
      'Install it, set MICROPYTHON to its path, or use the wasm runtime',
  );
}
