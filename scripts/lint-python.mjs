// Runs ruff's linter and formatter, as WebAssembly, over the Python files of the repository, with
// the settings of ruff.toml. With --write it formats the files in place.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs';
import { parse } from 'smol-toml';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const write = process.argv.includes('--write');

const listed = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*.py'],
  { cwd: root, encoding: 'utf8' },
);
const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(root, file)));

const ruff = new Workspace(
  parse(readFileSync(join(root, 'ruff.toml'), 'utf8')),
  PositionEncoding.Utf16,
);
let findings = 0;

for (const file of files) {
  const path = join(root, file);
  const source = readFileSync(path, 'utf8');
  for (const { code, message, start_location: at } of ruff.check(source)) {
    console.error(`${file}:${at.row}:${at.column} ${code ?? 'syntax'} ${message}`);
    findings += 1;
  }
  const formatted = ruff.format(source);
  if (formatted === source) continue;
  if (write) {
    writeFileSync(path, formatted);
  } else {
    console.error(`${file} is not formatted: npm run format`);
    findings += 1;
  }
}

console.log(`ruff: ${files.length} files, ${findings} findings`);
process.exit(findings === 0 ? 0 : 1);
