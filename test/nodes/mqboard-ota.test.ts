import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buildRelease, packRelease } from '../../core/index';
import { appImage } from '../../simulator/app-image';
import { FleetFlow, type Told } from './support/fleet-flow';
import {
  deployModified,
  lastStatus,
  next,
  nextMany,
  node,
  type Received,
  serverNode,
  status,
  surroundings,
} from './support/flow';

type Caught = Received & { error: { message: string; code: string } };

const app = (text: string) => [{ path: 'main.py', content: text }];
const FIRST = { payload: app('print(1)\n'), topic: 'heating' };
const SECOND = { payload: app('print(2)\n'), topic: 'heating' };

describe('An mqboard-ota node', () => {
  let flow: FleetFlow;

  beforeEach(async () => {
    flow = new FleetFlow();
    await flow.open();
  });
  afterEach(() => flow.close());

  async function fail(msg: object = {}): Promise<Caught> {
    const caught = next('caught');
    flow.send(msg);
    return (await caught) as Caught;
  }

  const outcomes = () =>
    flow.results.map(({ board, payload }) => [board, payload.outcome ?? payload.state]);

  describe('with one board', () => {
    it('brings it an application, tells when it is confirmed, and then that all is over', async () => {
      const board = await flow.board('shed');
      await flow.start({ version: '1.4' });
      const over = flow.over();
      flow.send({ ...FIRST, req: 'kept' });
      const whole = (await over) as Told & { req?: string };
      assert.deepEqual(outcomes(), [
        ['shed', 'updated'],
        [undefined, 'done'],
      ]);
      const [{ payload, topic } = {} as Told] = flow.results;
      assert.equal(topic, 'heating');
      assert.deepEqual([payload.what, payload.version], ['app', '1.4']);
      assert.equal(payload.text, 'shed runs 1.4 now, and has confirmed it.');
      assert.equal(whole.req, 'kept');
      assert.equal(whole.payload.text, 'The roll-out of the application 1.4 is over. 1 updated.');
      assert.match(board.updates.releases.app?.text ?? '', / \/src\/main\.py\n/);
      assert.deepEqual(lastStatus('ota'), { fill: 'green', shape: 'dot', text: '1 of 1 done' });
    });

    it('sends nothing to a board that has this very version', async () => {
      const board = await flow.board('shed');
      await flow.start();
      for (const outcome of ['updated', 'already']) {
        const over = flow.over();
        flow.send(FIRST);
        assert.equal((await over).payload.counts?.[outcome], 1);
      }
      assert.equal(board.updates.steps.filter((step) => step === 'try app').length, 1);
    });

    it('tells why it went back, as a result and not as an error', async () => {
      await flow.board('shed', { becomes: { why: 'it crashed after 5 s', crash: 'abc.1' } });
      await flow.start({ version: '2' });
      node('caught').on('input', () => assert.fail('no error'));
      const over = flow.over();
      flow.send(FIRST);
      const { payload } = await over;
      const [{ payload: result } = {} as Told] = flow.results;
      assert.deepEqual(
        [result.outcome, result.reason, result.crash],
        ['rolled-back', 'it crashed after 5 s', 'abc.1'],
      );
      assert.match(result.text, /^shed tried 2 and went back to what it had: it crashed after 5 s/);
      assert.match(payload.text, /1 went back\. shed tried 2/);
      assert.equal(lastStatus('ota').fill, 'yellow');
    });

    it('tells on the second output how far it is, and shows it', async () => {
      await flow.board('shed', { becomes: 'never' });
      await flow.start();
      const onTrial = flow.onTrial();
      flow.send(FIRST);
      await onTrial;
      await status('ota', ({ text, fill }) => text === 'on trial' && fill === 'blue');
      const phases = flow.events.flatMap(({ payload }) => payload.phase ?? []);
      assert.deepEqual([...new Set(phases)], ['checking', 'sending', 'restarting', 'trial']);
      assert.ok(flow.events.some(({ payload }) => payload.event === 'wave'));
    });

    it('has no second output when nobody wants to know', async () => {
      await flow.board('shed');
      await flow.start({ progress: false, outputs: 1, wires: [['out'], ['live']] });
      const over = flow.over();
      flow.send(FIRST);
      await over;
      assert.deepEqual(flow.events, []);
    });
  });

  describe('with several boards', () => {
    it('stops when the first one fails, and touches no other', async () => {
      const names = ['a', 'b', 'c'];
      const [, b, c] = await Promise.all(
        names.map((name, at) =>
          flow.board(name, { becomes: at === 0 ? { why: 'it hung' } : 'confirmed' }),
        ),
      );
      await flow.start({ canaries: '1', board: 'a, b, c' });
      const over = flow.over();
      flow.send(FIRST);
      const { payload } = await over;
      assert.equal(payload.state, 'stopped');
      assert.match(payload.why ?? '', /canary a went back/);
      assert.deepEqual(payload.open, ['b', 'c']);
      assert.deepEqual([b?.updates.steps, c?.updates.steps], [[], []]);
      assert.match(payload.text, /was stopped\. The canary a .* 1 went back, 2 not tried\./);
      assert.equal(lastStatus('ota').text, 'stopped at 0/3');
    });

    it('means by a pattern all that the server knows', async () => {
      for (const name of ['farm/a', 'farm/b', 'yard/c']) await flow.board(name);
      await flow.start({ board: 'farm/+' });
      const over = flow.over();
      flow.send(FIRST);
      assert.equal((await over).payload.counts?.updated, 2);
      assert.deepEqual(flow.results.flatMap(({ board }) => board ?? []).sort(), [
        'farm/a',
        'farm/b',
      ]);
    });

    it('takes a list or a filter from the message, and says when nobody is meant', async () => {
      await flow.board('a', {}, { info: { tags: ['indoor'] } });
      await flow.board('b');
      await flow.start({ board: 'to', boardType: 'msg' });
      const targets = [['a'], { tag: 'indoor' }, { tag: 'outdoor' }];
      const totals = [];
      for (const to of targets) {
        const over = flow.over();
        flow.send({ ...FIRST, to });
        totals.push((await over).payload.counts?.total);
      }
      assert.deepEqual(totals, [1, 1, 0]);
      assert.match(flow.results.at(-1)?.payload.text ?? '', /None of the known boards/);
      assert.deepEqual(lastStatus('ota'), { fill: 'yellow', shape: 'dot', text: 'no board meant' });
    });
  });

  describe('that is told to', () => {
    const slow = { canaries: '0', atOnce: '1', board: 'a, b' };

    it('pauses between boards, and goes on', async () => {
      const a = await flow.board('a', { becomes: 'never' });
      const b = await flow.board('b');
      await flow.start(slow);
      const onTrial = flow.onTrial();
      const over = flow.over();
      flow.send(FIRST);
      await onTrial;
      flow.send({ control: 'pause' });
      await status('ota', ({ text }) => text === 'paused at 0/2');
      const first = flow.until('out', ({ board }) => board === 'a');
      a.updates.behaviour.becomes = 'confirmed';
      a.updates.decide();
      await first;
      await status('ota', ({ text }) => text === 'paused at 1/2');
      assert.deepEqual(b.updates.steps, []);
      flow.send({ control: 'resume' });
      assert.equal((await over).payload.counts?.updated, 2);
      const told = flow.events.map(({ payload }) => payload.event);
      assert.ok(told.indexOf('paused') < told.indexOf('resumed'));
    });

    it('aborts, with all that waits, and tells of what was not tried', async () => {
      const a = await flow.board('a', { becomes: 'never' });
      await flow.board('b');
      await flow.start(slow);
      const onTrial = flow.onTrial();
      const over = flow.over();
      flow.send(FIRST);
      await onTrial;
      const caught = next('caught') as Promise<Caught>;
      flow.send(SECOND);
      flow.send({ control: 'abort' });
      assert.equal((await caught).error.code, 'ABORTED');
      // What is on trial goes on in any case, and is waited for.
      a.updates.behaviour.becomes = 'confirmed';
      a.updates.decide();
      const { payload } = await over;
      assert.deepEqual([payload.state, payload.open], ['aborted', ['b']]);
    });

    for (const [control, code] of [
      ['pause', 'NO_ROLLOUT'],
      ['stop', 'BAD_CONTROL'],
    ]) {
      it(`${control} answers with an error while there is nothing to do that to`, async () => {
        await flow.start();
        assert.equal((await fail({ control })).error.code, code);
      });
    }

    it('lets the newest message wait while it is at work, and none of those before', async () => {
      const board = await flow.board('shed', { becomes: 'never' });
      await flow.start();
      const onTrial = flow.onTrial();
      flow.send(FIRST);
      await onTrial;
      const caught = next('caught') as Promise<Caught>;
      flow.send({ payload: app('never sent\n') });
      flow.send(SECOND);
      const { error } = await caught;
      assert.match(error.message, /newer message/);
      const both = nextMany('out', 4);
      board.updates.behaviour.becomes = 'confirmed';
      board.updates.decide();
      await both;
      assert.equal(flow.results.filter(({ payload }) => payload.state === 'done').length, 2);
      assert.equal(board.files.content.get('/release/app/next')?.length !== undefined, true);
      assert.equal(board.updates.steps.filter((step) => step === 'try app').length, 2);
    });
  });

  describe('over a restart of Node-RED', () => {
    it('goes on where it was, and never twice to a board', async () => {
      const a = await flow.board('a');
      const b = await flow.board('b', { becomes: 'never' });
      const c = await flow.board('c');
      const settings = { canaries: '0', atOnce: '1', board: 'a, b, c' };
      await flow.start(settings);
      const onTrial = flow.onTrial('b');
      flow.send(FIRST);
      await onTrial;
      await flow.startAgain(settings);
      const over = flow.over();
      b.updates.behaviour.becomes = 'confirmed';
      b.updates.decide();
      const { payload, topic } = await over;
      assert.equal(topic, 'heating');
      assert.deepEqual(payload.counts?.updated, 3);
      for (const board of [a, b, c]) {
        assert.equal(board.updates.steps.filter((step) => step === 'try app').length, 1);
      }
      assert.deepEqual(
        outcomes().map(([name]) => name),
        ['a', 'b', 'c', undefined],
      );
    });

    it('goes on with that, and not with the message that waited for its end', async () => {
      const a = await flow.board('a', { becomes: 'never' });
      const b = await flow.board('b');
      const settings = { canaries: '0', atOnce: '1', board: 'a, b', version: '', release: 'pump' };
      await flow.start(settings);
      const onTrial = flow.onTrial('a');
      flow.send(FIRST);
      await onTrial;
      flow.send({ ...SECOND, topic: 'too late' });
      await flow.startAgain(settings);
      const over = flow.over();
      a.updates.behaviour.becomes = 'confirmed';
      a.updates.decide();
      const { payload, topic } = await over;
      assert.deepEqual([topic, payload.counts?.updated], ['heating', 2]);
      assert.deepEqual(a.updates.releases.app?.version, b.updates.releases.app?.version);
      const kept = join(flow.userDir, '.mqboard', 'rollout-ota', 'message.json');
      assert.equal(JSON.parse(readFileSync(kept, 'utf8')).topic, 'heating');
      assert.equal(a.updates.steps.filter((step) => step === 'try app').length, 1);
    });

    it('brings updates also where it cannot note them, and says what that means', async () => {
      await flow.board('shed');
      mkdirSync(join(flow.userDir, '.mqboard'), { recursive: true });
      writeFileSync(join(flow.userDir, '.mqboard', 'rollout-ota'), 'in the way');
      await flow.start();
      const warned = once(node('ota'), 'call:warn');
      const over = flow.over();
      flow.send(FIRST);
      assert.equal((await over).payload.counts?.updated, 1);
      const [{ firstArg: warning }] = await warned;
      assert.match(warning, /cannot be noted.*ends with Node-RED: .*rollout-ota/);
    });

    for (const junk of ['', '7', '"abc"', 'null', '{"topic"']) {
      it(`has forgotten the message that it was begun by, of which ${junk || 'nothing'} is left`, async () => {
        const shed = await flow.board('shed', { becomes: 'never' });
        await flow.start();
        const onTrial = flow.onTrial();
        flow.send(FIRST);
        await onTrial;
        writeFileSync(join(flow.userDir, '.mqboard', 'rollout-ota', 'message.json'), junk);
        await flow.startAgain();
        const over = flow.over();
        shed.updates.behaviour.becomes = 'confirmed';
        shed.updates.decide();
        const { payload, topic, ...rest } = await over;
        assert.deepEqual([payload.counts?.updated, topic], [1, undefined]);
        assert.deepEqual(Object.keys(rest), ['_msgid']);
      });
    }

    it('is paused when it was paused', async () => {
      await flow.board('a', { becomes: 'never' });
      const settings = { canaries: '0', board: 'a' };
      await flow.start(settings);
      const onTrial = flow.onTrial();
      flow.send(FIRST);
      await onTrial;
      flow.send({ control: 'pause' });
      await status('ota', ({ fill }) => fill === 'yellow');
      await flow.startAgain(settings);
      await status('ota', ({ fill, text }) => fill === 'yellow' && text === 'paused at 0/1');
    });

    it('keeps nothing of a node that was deleted', async () => {
      await flow.board('a', { becomes: 'never' });
      await flow.start({ board: 'a' });
      const onTrial = flow.onTrial();
      flow.send(FIRST);
      await onTrial;
      const kept = join(flow.userDir, '.mqboard', 'rollout-ota');
      assert.ok(existsSync(kept));
      await deployModified([...surroundings(), serverNode(flow.broker.url)] as never);
      assert.equal(existsSync(kept), false);
    });
  });

  describe('sends', () => {
    async function sent(msg: object = {}): Promise<void> {
      const over = flow.over();
      flow.send(msg);
      assert.equal((await over).payload.counts?.updated, 1, JSON.stringify(flow.results));
    }

    const folder = (...path: string[]) => join(flow.userDir, 'mqboard', ...path);

    it('a folder, called by its name, without what is left out', async () => {
      const board = await flow.board('shed');
      mkdirSync(folder('boiler', 'lib'), { recursive: true });
      writeFileSync(folder('boiler', 'main.py'), 'import pump\n');
      writeFileSync(folder('boiler', 'lib', 'pump.py'), 'on = True\n');
      writeFileSync(folder('boiler', 'notes.md'), 'no part of it');
      await flow.start({ from: 'file', local: 'boiler', release: '', ignore: '*.md', to: '/app' });
      await sent();
      const { name, text } = board.updates.releases.app ?? { name: '', text: '' };
      assert.equal(name, 'boiler');
      assert.deepEqual(text.match(/\/.*$/gm), ['/app/lib/pump.py', '/app/main.py']);
    });

    it('one file of a configuration, with what a board needs', async () => {
      const board = await flow.board('shed');
      mkdirSync(folder(), { recursive: true });
      writeFileSync(folder('board_config.py'), 'modules = []\n');
      const needs = '{"kind": "gate"}';
      await flow.start({
        what: 'config',
        from: 'file',
        local: 'board_config.py',
        needs,
        partial: true,
      });
      await sent();
      const [head = '', file] = (board.updates.releases.config?.text ?? '').split('\n');
      assert.match(file ?? '', / 13 \/board_config\.py$/);
      const { partial, needs: said } = JSON.parse(head);
      assert.deepEqual([partial, said], [true, { kind: 'gate' }]);
    });

    it('the framework that came with the package', async () => {
      const board = await flow.board('shed');
      await flow.start({ what: 'framework' });
      await sent();
      assert.match(board.updates.releases.framework?.text ?? '', / \/lib\/mqtt_async\//);
    });

    it('a firmware image from an address of the web', async () => {
      const image = appImage({ chip: 'esp32', version: 'v1.26.1' });
      const server = createServer((request, response) => {
        response.writeHead(request.url === '/image.bin' ? 200 : 404).end(image);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      try {
        const board = await flow.board('shed', { running: Buffer.alloc(8192, 1) });
        await flow.start({ what: 'image', from: 'url', url: 'payload', urlType: 'msg' });
        const { error } = await fail({ payload: `${url}/other.bin?key=secret` });
        assert.equal(error.code, 'DOWNLOAD');
        assert.match(error.message, /other\.bin cannot be had: the server answers 404/);
        assert.doesNotMatch(error.message, /secret/);
        await sent({ payload: `${url}/image.bin` });
        assert.ok(board.updates.written?.equals(image));
        assert.equal(flow.results.at(-1)?.payload.version, 'v1.26.1');
      } finally {
        server.close();
      }
    });

    it('a release file, which knows itself what it is', async () => {
      const board = await flow.board('shed');
      const files = [{ path: 'main.py', data: 'print(3)\n' }];
      const release = await buildRelease({ slot: 'app', name: 'pump', version: '3', files });
      await flow.start({ what: 'msg' });
      await sent({ what: 'release', payload: packRelease(release) });
      const { name, version } = board.updates.releases.app ?? {};
      assert.deepEqual([name, version], ['pump', '3']);
    });
  });

  const wrong: Array<[name: string, settings: object, msg: object, code: string, text: RegExp]> = [
    ['content that is none', {}, { payload: 7 }, 'BAD_CONTENT', /msg\.payload must be a list/],
    ['an image that is none', { what: 'image' }, { payload: Buffer.alloc(9000) }, 'BAD_IMAGE', /./],
    ['an image as text', { what: 'image' }, { payload: 'E9' }, 'NO_CONTENT', /must be a Buffer/],
    ['what there is not', { what: 'msg' }, { what: 'os' }, 'BAD_WHAT', /it is "os"/],
    ['no board', { board: ' , ' }, FIRST, 'NO_BOARD', /# stands for all/],
    ['an empty filter', { boardType: 'msg', board: 'to' }, { to: {} }, 'NO_BOARD', /empty filter/],
    [
      'a misspelt filter',
      { boardType: 'msg', board: 'to' },
      { ...FIRST, to: { tags: 'oven' } },
      'BAD_ROLLOUT',
      /not "tags"/,
    ],
    ['a number for boards', { boardType: 'msg', board: 'to' }, { to: 7 }, 'NO_BOARD', /names of/],
    ['a pattern', { board: 'farm/#/a' }, FIRST, 'BAD_FILTER', /#/],
    ['waves', { waves: 'many' }, FIRST, 'BAD_SETTINGS', /"Waves" must be.*not "many"/],
    [
      'half a board',
      { canaries: '0.5' },
      FIRST,
      'BAD_SETTINGS',
      /"Canaries" must be a whole number/,
    ],
    ['a path that leads out', { from: 'file', local: '../x' }, {}, 'OUTSIDE_ROOT', /leads out/],
    ['a file that is missing', { from: 'file', local: 'x.py' }, {}, 'LOCAL_FILE', /x\.py/],
    ['another kind of address', { from: 'url', url: 'ftp://x/y' }, {}, 'BAD_ADDRESS', /https/],
    [
      'a password in an address',
      { from: 'url', url: 'http://a:b@x/' },
      {},
      'BAD_ADDRESS',
      /Pass|pass/,
    ],
  ];
  for (const [name, settings, msg, code, text] of wrong) {
    it(`refuses ${name}, begins nothing, and is ready again`, async () => {
      await flow.start(settings);
      const { error } = await fail(msg);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, text);
      assert.deepEqual(flow.results, []);
      assert.equal(lastStatus('ota').fill, 'red');
      const again = await fail(msg);
      assert.equal(again.error.code, code);
    });
  }
});
