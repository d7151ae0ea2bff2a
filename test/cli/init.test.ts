import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { VirtualBoard } from '../../simulator/index';
import { Workbench } from '../core/support';
import { localFolder } from '../core/sync-support';
import { type Finished, mqboard } from './support';

describe('mqboard init', function () {
  this.timeout(60_000);
  const bench = new Workbench();
  let folder: string;

  beforeEach(() => {
    folder = join(bench.keep(localFolder({}), ({ remove }) => remove()).path, 'shed');
  });
  afterEach(() => bench.clear());

  const init = (...args: string[]): Promise<Finished> =>
    mqboard(['init', folder, ...args]).finished;
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');

  const below = (path: string) =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(path, join(entry.parentPath, entry.name)))
      .filter((name) => !name.endsWith('.pyc'))
      .sort();
  const sources = below(join(__dirname, '../../firmware/lib'));
  const compiled = sources.map((name) => name.replace(/py$/, 'mpy')).sort();

  it('makes files that a board starts with, and is then reached by', async () => {
    const broker = await bench.broker();
    const wifi = { ssid: 'attic "5"', password: 'secret\\' };
    const { code, stderr } = await mqboard(
      ['init', folder, '--prefix', 'farm/shed', '--wifi', wifi.ssid, '--url', broker.url],
      { MQBOARD_WIFI_PASSWORD: wifi.password },
    ).finished;
    assert.deepEqual([code, stderr], [0, '']);
    const files = Object.fromEntries(
      ['board_config.py', 'board_secrets.py'].map((name) => [name, read(name)]),
    );
    const options = { url: broker.url, prefix: 'other', firmware: folder, files, wifi };
    const board = new VirtualBoard(options);
    bench.keep(board, () => board.stop());
    await board.start();
    await board.waitForLine(/ready for commands below farm\/shed\/mqb/);
    const env = { MQBOARD_SERVER: broker.url, MQBOARD_PREFIX: 'farm/shed' };
    const ran = await mqboard(['eval', 'board.location'], env).finished;
    assert.equal(ran.stdout, "'shed'\n");
  });

  it('prints the commands that load them, main.py last, and what is still missing', async () => {
    const { stdout } = await init('--prefix', 'shed', '--url', 'mqtts://broker.example:8884');
    assert.match(stdout, /Missing: ca\.pem, .*--ca/);
    assert.match(stdout, /Missing: the name and the password of the Wi-Fi/);
    const commands = stdout.match(/^ {2}(cd|mpremote) .*$/gm)?.map((line) => line.trim());
    assert.deepEqual(commands, [
      `cd ${folder}`,
      'mpremote mkdir :lib',
      'mpremote cp -r lib/. :lib/',
      'mpremote cp boot.py board_config.py board_secrets.py :',
      'mpremote cp main.py :',
      'mpremote reset',
    ]);
    assert.match(read('board_config.py'), /^_prefix = location$/m);
    assert.match(read('board_config.py'), /"port": 8884,/);
    assert.match(read('board_secrets.py'), /^mqtt_user = None$/m);
    assert.equal(statSync(join(folder, 'board_secrets.py')).mode & 0o077, 0);
    assert.deepEqual(below(join(folder, 'lib')), compiled);
  });

  it('has the framework compiled or as source, and never both', async () => {
    const url = ['--prefix', 'shed', '--url', 'mqtt://broker.example'];
    for (const [option, names] of [
      ['--no-mpy', sources],
      ['--mpy', compiled],
      ['--no-mpy', sources],
    ] as const) {
      assert.equal((await init(...url, option)).code, 0);
      assert.deepEqual(below(join(folder, 'lib')), names);
    }
  });

  it('brings the authority of the broker along, and says all of it as JSON', async () => {
    const { certificate } = { certificate: '-----BEGIN CERTIFICATE-----\nAA==\n' };
    const ca = join(
      bench.keep(localFolder({ ca: certificate }), ({ remove }) => remove()).path,
      'ca',
    );
    const url = 'mqtts://u:p%40ss@broker.example';
    const { stdout } = await init(
      '--prefix',
      'a/b',
      '--url',
      url,
      '--ca',
      ca,
      '--json',
      '--wifi',
      'x',
    );
    const made = JSON.parse(stdout);
    assert.deepEqual([made.ok, made.missing, made.kept], [true, [], []]);
    assert.ok(
      made.commands.includes('mpremote cp boot.py board_config.py board_secrets.py ca.pem :'),
    );
    assert.equal(read('ca.pem'), certificate);
    assert.match(read('board_config.py'), /"ssl_params": \{.*"ca": "\/ca\.pem"\}/);
    assert.match(read('board_secrets.py'), /^mqtt_user = "u"\nmqtt_password = "p@ss"$/m);
  });

  it('leaves a configuration alone that is there, and renews the framework', async () => {
    const url = ['--url', 'mqtt://broker.example', '--wifi', 'x'];
    await init('--prefix', 'a/b', ...url);
    writeFileSync(join(folder, 'board_config.py'), 'mine = 1\n');
    writeFileSync(join(folder, 'main.py'), 'old\n');
    const { stdout } = await init('--prefix', 'a/b', ...url);
    assert.match(stdout, /left as they were: board_config\.py, board_secrets\.py/);
    assert.equal(read('board_config.py'), 'mine = 1\n');
    assert.notEqual(read('main.py'), 'old\n');
    await init('--prefix', 'a/b', '--force', ...url);
    assert.match(read('board_config.py'), /location = "b"/);
    assert.doesNotMatch(read('board_config.py'), /ssl_params/);
  });

  it('ends with 2 for what no board can be, before anything is written', async () => {
    const failing: Array<[string[], RegExp]> = [
      [['--url', 'mqtt://x'], /What is the board to be called/],
      [['--url', 'mqtt://x', '--prefix', 'a/#'], /holds "#"/],
      [['--prefix', 'a'], /Which broker/],
      [['--url', 'wss://x', '--prefix', 'a'], /not over WebSocket/],
    ];
    for (const [args, words] of failing) {
      const { code, stderr } = await init(...args);
      assert.equal(code, 2, `${args}: ${stderr}`);
      assert.match(stderr, words);
    }
    assert.equal(existsSync(folder), false);
  });
});
