import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const main = join(__dirname, '..', '..', 'cli', 'main.ts');

/** The command as it is typed, run from its source. */
function mqboard(...args: string[]) {
  const child = spawn(process.execPath, ['--require', 'tsx/cjs', main, 'board', ...args]);
  return { child, output: text(child.stdout), errors: text(child.stderr) };
}

async function stopAt(pattern: RegExp, { child, output }: ReturnType<typeof mqboard>) {
  let seen = '';
  child.stdout.on('data', (chunk) => {
    seen += chunk;
    if (!child.killed && pattern.test(seen)) child.kill('SIGINT');
  });
  const [code] = await once(child, 'close');
  return { code, output: await output };
}

describe('mqboard board', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mqboard-flash-'));
  after(() => rmSync(folder, { recursive: true }));

  it('prints the console, and takes Ctrl-C for a power cut', async () => {
    const running = mqboard('--url', 'mqtt://localhost:1', '--prefix', 'esp32/test');
    const { code, output } = await stopAt(/MicroPython/, running);
    assert.equal(code, 0);
    assert.match(output, /^\[power on\]\n.*main: MicroPython[\s\S]*\[power off\]\n$/);
  });

  it('runs several, each with its prefix and its own flash', async () => {
    const flash = join(folder, 'boards');
    const running = mqboard(
      ...['--url', 'mqtt://localhost:1', '--prefix', 'p', '--count', '2', '--flash', flash],
    );
    const { output } = await stopAt(
      /p-1 \| .*MicroPython[\s\S]*p-2 \| .*MicroPython|p-2 \| .*MicroPython[\s\S]*p-1 \| .*MicroPython/,
      running,
    );
    assert.match(output, /^p-1 \| \[power on\]$/m);
    assert.ok(existsSync(join(flash, '1', 'flash')) && existsSync(join(flash, '2', 'flash')));
  });

  for (const [mistake, args, words] of [
    ['a CA file that is not there', ['--ca', join(folder, 'none.pem')], /none\.pem/],
    ['a heap that is none', ['--heap', 'lots'], /size like 128k/],
    ['a count that is none', ['--count', '0'], /--count is 0/],
    ['a broker that boards cannot reach', ['--url', 'ws://localhost'], /mqtt:\/\/host:port/],
  ] as const) {
    it(`says what is wrong with ${mistake}`, async () => {
      const { child, errors } = mqboard('--url', 'mqtt://localhost', '--prefix', 'p', ...args);
      const [code] = await once(child, 'close');
      assert.notEqual(code, 0);
      assert.match(await errors, words);
    });
  }
});
