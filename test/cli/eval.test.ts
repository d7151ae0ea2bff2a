import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Broker } from '../../demo/broker';
import { createAuthority } from '../../demo/certificates';
import { Workbench } from '../core/support';
import type { Behaviour, ScriptedBoard } from '../support/scripted-board';
import { type Finished, mqboard } from './support';

const PREFIX = 'esp32/test';
const TRACEBACK = 'Traceback (most recent call last):\n  File "<eval>"\nValueError: no\n';

describe('mqboard eval', () => {
  const bench = new Workbench();
  let broker: Broker;
  let board: ScriptedBoard;
  let env: Record<string, string>;

  afterEach(() => bench.clear());

  async function withBoard(runs: Behaviour['runs'] = () => ({ value: '921' })): Promise<void> {
    broker = await bench.broker();
    board = await bench.scripted(broker.url, PREFIX, { runs });
    env = { MQBOARD_SERVER: '127.0.0.1', MQBOARD_PORT: `${broker.port}`, MQBOARD_PREFIX: PREFIX };
  }

  function evaluate(args: string[], stdin?: string): Promise<Finished> {
    return mqboard(['eval', ...args], env, stdin).finished;
  }

  it('prints the value, with everything from the arguments', async () => {
    await withBoard();
    const args = ['eval', '45+876', '--url', broker.url, '--prefix', PREFIX, '--timeout', '5'];
    assert.deepEqual(await mqboard(args).finished, { code: 0, stdout: '921\n', stderr: '' });
    assert.deepEqual(board.ran, ['45+876']);
  });

  it('finds broker, prefix and timeout in the environment', async () => {
    await withBoard(() => ({ output: ['x'] }));
    env.MQBOARD_TIMEOUT = '0.3';
    const { code, stdout, stderr } = await evaluate(['1']);
    assert.deepEqual([code, stdout], [4, 'x']);
    assert.match(stderr, /did not finish within 0\.3 s: it accepted/);
  });

  it('connects with TLS, user and password', async () => {
    const authority = await createAuthority();
    const certificate = await authority.issue({ names: ['127.0.0.1'] });
    const guarded = await bench.broker({ certificate });
    const folder = bench.keep(await mkdtemp(join(tmpdir(), 'mqboard-')), (path) =>
      rm(path, { recursive: true }),
    );
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, authority.cert);
    await bench.scripted(guarded.url, PREFIX);
    env = { MQBOARD_SERVER: '127.0.0.1', MQBOARD_PORT: `${guarded.tlsPort}`, MQBOARD_TLS: '1' };
    const trusted = await evaluate(['1', '--prefix', PREFIX, '--ca', ca]);
    assert.equal(trusted.stdout, '921\n');
    const untrusted = await evaluate(['1', '--prefix', PREFIX]);
    assert.equal(untrusted.code, 3);
    assert.match(untrusted.stderr, /is not trusted/);
  });

  it('prints what the code prints, while it runs', async () => {
    await withBoard(() => ({ output: ['first\n'] }));
    const run = mqboard(['eval', 'loop()'], env);
    const [data] = await once(run.process.stdout ?? assert.fail(), 'data');
    assert.equal(String(data), 'first\n');
    run.process.kill('SIGINT');
    await run.finished;
  });

  it('prints no None behind what print() printed, and None where it is the answer', async () => {
    await withBoard((source) => ({ output: source === 'None' ? [] : ['hi\n'], value: 'None' }));
    assert.equal((await evaluate(['print("hi")'])).stdout, 'hi\n');
    assert.equal((await evaluate(['None'])).stdout, 'None\n');
  });

  it('ends with 1 and the traceback when the code raises', async () => {
    await withBoard(() => ({ output: ['before\n'], exception: TRACEBACK }));
    const finished = await evaluate(['x']);
    assert.deepEqual(finished, { code: 1, stdout: 'before\n', stderr: TRACEBACK });
  });

  it('prints one line of JSON with --json, errors included', async () => {
    await withBoard((source) =>
      source === 'x'
        ? { exception: TRACEBACK }
        : { value: "{'b': b'x', 'n': nan, 'i': 2, 's': {1}}" },
    );
    const { elapsedMs, ...good } = JSON.parse((await evaluate(['1', '--json'])).stdout);
    assert.ok(elapsedMs > 0);
    const value = { b: { $mqb: 'bytes', v: 'eA==' }, n: { $mqb: 'float', v: 'nan' }, i: 2, s: [1] };
    const text = "{'b': b'x', 'n': nan, 'i': 2, 's': {1}}";
    assert.deepEqual(good, { ok: true, hasValue: true, text, value, output: '' });
    const bad = await evaluate(['x', '--json']);
    assert.equal(bad.code, 1);
    const error = { code: 'BOARD_EXCEPTION', message: 'ValueError: no', traceback: TRACEBACK };
    assert.deepEqual(JSON.parse(bad.stdout), { ok: false, error, output: '' });
  });

  it('reads the source from a file, or from stdin', async () => {
    await withBoard();
    await evaluate(['--file', '-'], 'from\nstdin');
    await evaluate(['--file', __filename]);
    assert.equal(board.ran[0], 'from\nstdin');
    assert.match(board.ran[1] ?? '', /reads the source from a file/);
  });

  it('takes source that begins with a minus behind --', async () => {
    await withBoard();
    await evaluate(['--', '-x']);
    assert.deepEqual(board.ran, ['-x']);
  });

  it('cancels the command on the board when it is interrupted, and ends with 130', async () => {
    await withBoard(() => ({ output: ['running\n'] }));
    const run = mqboard(['eval', 'loop()'], env);
    await once(run.process.stdout ?? assert.fail(), 'data');
    const cancelled = board.next('x');
    run.process.kill('SIGINT');
    await cancelled;
    assert.equal((await run.finished).code, 130);
  });

  it('ends with 4 at once when the board is offline', async () => {
    await withBoard();
    await board.announce('offline');
    const { code, stderr } = await evaluate(['1']);
    assert.equal(code, 4);
    assert.match(stderr, /esp32\/test is offline/);
  });

  it('ends with 3 when there is no broker', async () => {
    env = { MQBOARD_SERVER: 'mqtt://127.0.0.1:1', MQBOARD_PREFIX: PREFIX };
    const { code, stderr } = await evaluate(['1']);
    assert.equal(code, 3);
    assert.match(stderr, /refuses the connection/);
  });

  const broken: Array<[string, string[], RegExp]> = [
    ['no command', [], /Which command\?\nSee mqboard --help/],
    ['an unknown command', ['fly'], /There is no command fly\./],
    ['an unknown option', ['eval', '1', '--fly'], /Unknown argument: fly/],
    [
      'no broker',
      ['eval', '1', '--prefix', 'a'],
      /Which broker\? Give --url[\s\S]*See mqboard eval --help/,
    ],
    ['no prefix', ['eval', '1', '--url', 'mqtt://h'], /prefix is missing.*like esp32\/test/],
    ['a wildcard prefix', ['eval', '1', '--url', 'mqtt://h', '--prefix', 'a/#'], /holds "#"/],
    ['a URL of something else', ['eval', '1', '--url', 'http://h', '--prefix', 'a'], /not spoken/],
    ['an option without its value', ['eval', '1', '--prefix'], /Not enough arguments/],
    ['a timeout of 0', ['eval', '1', '--url', 'mqtt://h', '--timeout', '0'], /number of seconds/],
    ['a missing CA file', ['eval', '1', '--url', 'mqtt://h', '--ca', '/no'], /Cannot read the CA/],
    [
      'a CA file of another kind',
      ['eval', '1', '--url', 'mqtt://h', '--ca', __filename],
      /no cert.*PEM/,
    ],
    [
      'a certificate without its key',
      ['eval', '1', '--url', 'mqtt://h', '--cert', '/c'],
      /go together/,
    ],
    ['no source', ['eval', '--url', 'mqtt://h', '--prefix', 'a'], /What shall the board run\?/],
  ];
  for (const [what, args, words] of broken) {
    it(`ends with 2 and a sentence when there is ${what}`, async () => {
      const { code, stdout, stderr } = await mqboard(args).finished;
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, words);
      assert.doesNotMatch(stderr, /\n {4}at /);
    });
  }
});
