import { InvalidInputError } from '../core/index';
import { pythonLiteral } from './python-literal';

/** `mqtt.server` and what it shall be. */
export interface Change {
  key: string;
  value: unknown;
}

const HEADING = '# Set by "mqboard config set": what is said here outweighs what stands above.';
const KEY = /^[A-Za-z_]\w*(\.[^."'\\]+)*$/;

/** @throws InvalidInputError for what is no key */
export function checkKey(key: string): void {
  if (KEY.test(key)) return;
  const words = `"${key}" is no key of a configuration. It is a name, like location, or a name and keys, like mqtt.server.`;
  throw new InvalidInputError('BAD_KEY', 'bad key', words);
}

/**
 * Source of a configuration with these values changed, by lines at its end: whatever computes the values above stays as
 * somebody wrote it. A key that was set before in this way is set anew.
 */
export function changedConfig(source: string, changes: Change[]): string {
  const at = source.indexOf(HEADING);
  const above = (at < 0 ? source : source.slice(0, at)).trimEnd();
  let lines = at < 0 ? [] : source.slice(at).trimEnd().split('\n').slice(1);
  for (const { key, value } of changes) {
    const [name = '', ...keys] = key.split('.');
    const isStale = (line: string) =>
      line.startsWith(`${name} = `) || line.startsWith(`${name}[`) || line.startsWith(`${name}.`);
    if (keys.length === 0) {
      lines = [...lines.filter((line) => !isStale(line)), `${name} = ${pythonLiteral(value)}`];
      continue;
    }
    const dict = dictFor(name, [above, ...lines].join('\n'));
    if (!dict.isThere) lines.push(`${dict.name} = {}`);
    const place = dict.name + subscript(keys);
    lines = lines.filter((line) => !line.startsWith(`${place} = `));
    lines.push(`${place} = ${pythonLiteral(value)}`);
  }
  return `${[above, '', HEADING, ...lines].join('\n').trimStart()}\n`;
}

/** Older configurations have `mqtt_config` for `mqtt`. */
function dictFor(name: string, source: string): { name: string; isThere: boolean } {
  const older = `${name}_config`;
  const isOlder = isAssigned(older, source);
  return { name: isOlder ? older : name, isThere: isOlder || isAssigned(name, source) };
}

/** A dict on the way that is not there is made by the line itself. */
function subscript(keys: string[]): string {
  const quoted = keys.map((key) => JSON.stringify(key));
  const last = quoted.pop();
  return `${quoted.map((key) => `.setdefault(${key}, {})`).join('')}[${last}]`;
}

function isAssigned(name: string, source: string): boolean {
  return new RegExp(`^${name}\\s*=[^=]`, 'm').test(source);
}
