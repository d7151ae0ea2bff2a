import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Broker } from '../../demo/broker';
import { appImage, VirtualBoard } from '../../simulator/index';
import { Workbench } from '../core/support';
import { localFolder } from '../core/sync-support';
import { type Finished, mqboard } from './support';

const PREFIX = 'cli/updated';

/** Its trials take a second; one that is never confirmed ends after a minute. */
const CONFIG = 'update = {"confirm": 0, "minutes": 1}\nmodules.append("beat")\n';

const beat = (version: number) => `version = ${version}\n\n\ndef start(mqtt, config):\n    pass\n`;

describe('mqboard and updates', function () {
  // Each has a trial or two.
  this.timeout(90_000);
  const bench = new Workbench();
  let broker: Broker;
  let folder: string;
  let env: Record<string, string>;

  before(async function () {
    this.timeout(30_000);
    broker = await bench.broker();
    env = { MQBOARD_SERVER: broker.url, MQBOARD_PREFIX: PREFIX };
    const options = { url: broker.url, prefix: PREFIX, config: CONFIG };
    const board = new VirtualBoard({ ...options, files: { 'src/beat.py': beat(0) } });
    bench.keep(board, () => board.stop());
    if (process.env.MQBOARD_LINES) board.on('line', (line) => console.log(line));
    await board.start();
    await board.waitForLine(/ready for commands/);
  });
  after(() => bench.clear());

  beforeEach(() => {
    folder = bench.keep(localFolder({ 'beat.py': beat(1) }), ({ remove }) => remove()).path;
  });

  const run = (...args: string[]): Promise<Finished> => mqboard(args, env).finished;

  async function good(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    assert.deepEqual([code, stderr], [0, ''], `${args.join(' ')}: ${stdout}`);
    return stdout;
  }

  it('deploys a folder, and says so when the board has confirmed it; a second time it is there', async () => {
    const release = [folder, '--name', 'beat', '--release-version', '1.0'];
    assert.match(await good('deploy', ...release), /^app 1\.0: updated \(\d.* sent, .*\)\n$/);
    assert.equal(await good('eval', '__import__("beat").version'), '1\n');
    assert.equal(await good('deploy', ...release), 'app 1.0: the board has it already\n');
    const listed = await good('release', 'list');
    assert.match(listed, /^app +beat +1\.0 +1 +no release +-$/m);
    assert.match(listed, /^last update +app 1\.0, confirmed$/m);
  });

  it('ends with 7 when the board went back, tells why, and where the report is', async () => {
    writeFileSync(
      join(folder, 'beat.py'),
      'def start(mqtt, config):\n    raise ValueError("no")\n',
    );
    const { code, stdout } = await run('deploy', folder, '--release-version', '2.0', '--json');
    assert.equal(code, 7);
    const { ok, error, outcome, before, crash } = JSON.parse(stdout);
    assert.deepEqual([ok, outcome, before], [false, 'rolled-back', '1.0']);
    assert.deepEqual(error.code, 'UPDATE_UNDONE');
    assert.match(error.message, /the board went back to 1\.0\. Why: .*mqboard crashes .*--fetch/);
    assert.match(await good('crashes', '--fetch', crash), /ValueError: no/);
    assert.equal(await good('eval', '__import__("beat").version'), '1\n');
  });

  it('builds a release as one file, deploys that, and rolls it back', async () => {
    writeFileSync(join(folder, 'beat.py'), beat(3));
    const out = join(folder, 'beat.mqb');
    const built = await good(
      'release',
      'build',
      folder,
      out,
      '--name',
      'beat',
      '--ignore',
      '*.mqb',
    );
    const asOut = ['--name', 'beat', '--ignore', '*.mqb'];
    assert.equal(await good('release', 'build', folder, '-', ...asOut), readFileSync(out, 'utf8'));
    const { stderr: vain } = await run('deploy', out, '--needs', 'fw=9');
    assert.match(vain, /--needs goes with a folder: .*beat\.mqb is a release already/);
    const [, version = ''] = /: app beat ([0-9a-f]{8}), 1 file/.exec(built) ?? [];
    assert.match(await good('deploy', out), new RegExp(`^app ${version}: updated, before 1\\.0`));
    assert.match(await good('release', 'rollback', 'app', PREFIX), /^app 1\.0: updated, before/);
    assert.equal(await good('eval', '__import__("beat").version'), '1\n');
    writeFileSync(out, Buffer.concat([readFileSync(out).subarray(0, -1), Buffer.from('x')]));
    const { code, stderr } = await run('deploy', out);
    assert.equal(code, 2);
    assert.match(stderr, /damaged: \/src\/beat\.py/);
  });

  it('changes the configuration, and sends nothing that is not Python', async () => {
    await good('config', 'set', 'sysinfo.interval=7', 'zoo={"a": [1, null]}');
    const shown = await good('eval', 'board.sysinfo["interval"], board.zoo');
    assert.equal(shown, "(7, {'a': [1, None]})\n");
    writeFileSync(join(folder, 'board_secrets.py'), 'wifi_ssid = = 1\n');
    const { code, stderr } = await run('config', 'set', join(folder, 'board_secrets.py'));
    assert.equal(code, 2);
    assert.match(stderr, /board_secrets\.py is not Python: SyntaxError.*line 1.*Nothing was sent/);
  });

  it('brings the framework, and a firmware image, up to date', async () => {
    // Compiled it would need twice the room: it goes as the board has it, so that only the manifest is sent.
    assert.match(await good('deploy', '--framework'), /^framework \d.*: updated.*\(\d\.\d kB sent/);
    const image = join(folder, 'new.app-bin');
    writeFileSync(image, appImage({ version: 'v1.28.0', size: 20_000 }));
    assert.match(await good('ota', image), /^image v1\.28\.0: updated/);
    assert.match(await good('ota', image), /^image v1\.28\.0: the board has it already/);
  });

  it('says what was changed by hand, and declares it good', async () => {
    writeFileSync(join(folder, 'beat.py'), beat(4));
    await good('put', join(folder, 'beat.py'), '/src/');
    assert.match(await good('release', 'list', '--verify'), /^app .* \/src\/beat\.py$/m);
    assert.equal(await good('release', 'confirm'), `${PREFIX}: confirmed\n`);
    assert.match(await good('info'), /^app +beat 1\.0, modified$/m);
  });

  it('restarts the board, into safe mode, held there, and out of it', async () => {
    assert.equal(await good('reset'), `${PREFIX} is back, in mode normal\n`);
    const safe = await good('reset', '--safe', '--stay', '--why', 'a look at it');
    assert.equal(safe, `${PREFIX} is back, in mode safe\n`);
    assert.match(await good('info'), /^mode +safe \(.*a look at it.*\)$/m);
    assert.match(await good('reset', '--soft'), /in mode safe/);
    assert.match(await good('reset', '--normal'), /in mode normal/);
  });

  it('ends with 5 when the board has not what a release needs', async () => {
    const { code, stderr } = await run('deploy', folder, '--needs', 'mpy=9.9', '--needs', 'kind=x');
    assert.equal(code, 5, stderr);
    assert.match(stderr, /9\.9/);
  });

  it('ends with 2 for what cannot be meant', async () => {
    const failing: Array<[string[], RegExp]> = [
      [['deploy'], /What shall be released/],
      [['deploy', folder, '--framework'], /not both/],
      [['deploy', '--framework', '--release-version', '1'], /--release-version goes with a folder/],
      [['deploy', folder, '--needs', 'x'], /--needs is "x"/],
      [['deploy', folder, '--slot', 'x'], /"framework", "app", "config"/],
      [['deploy', folder, '--trial', '0'], /--trial is "0"/],
      [['deploy', join(folder, 'beat.py')], /This is no release/],
      [['ota', join(folder, 'beat.py')], /./],
      [['release', 'rollback'], /mqboard release rollback <slot>/],
      [['config', 'set', 'a b=1'], /"a b" is no key/],
      [['reset', '--soft', '--safe'], /do not go together/],
      [['reset', '--stay'], /--stay goes with --safe/],
    ];
    for (const [args, words] of failing) {
      const { code, stderr } = await run(...args);
      assert.equal(code, 2, `${args}: ${stderr}`);
      assert.match(stderr, words);
    }
  });
});
