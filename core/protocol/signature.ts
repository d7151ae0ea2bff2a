import { createHash } from 'node:crypto';
import type { PythonException } from './traceback';

/**
 * Eight hexadecimal digits that are the same for the same crash: kind, type, and the files and functions it
 * went through. Line numbers and texts are left out, because they differ with each version and each value.
 */
export function signatureOf(kind: string, exception?: PythonException): string {
  const parts = [kind];
  if (exception) {
    parts.push(exception.type);
    for (const { file, function: name } of exception.frames) parts.push(`${file}:${name}`);
  }
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8);
}
