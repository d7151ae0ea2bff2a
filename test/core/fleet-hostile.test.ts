import assert from 'node:assert/strict';
import { mock } from 'node:test';
import fc from 'fast-check';
import { Acknowledger } from '../../core/fleet/acknowledger';
import type { BoardInfo, Boards } from '../../core/index';
import { parseInfo } from '../../core/protocol/info';
import { Workbench } from './support';
import { Switchboard } from './switchboard';

/** What a board can say on any of its topics: JSON that uses the keys of the wire for anything, and bytes. */
const keys = fc.constantFrom(
  ...['id', 'kind', 'trace', 'log', 'again', 'up', 'time', 'wire', 'do', 'boot', 'last', 'zone'],
  ...['reset', 'mode', 'free', '__proto__', 'restarted', 'where'],
);
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(1e300, -1e300, 8e12, 0x1a4f, 'safe', 'exception', 'hang', 'crash', ['crash']),
);
const json = fc.dictionary(keys, value).map((said) => JSON.stringify({ kind: 'hang', ...said }));
const bytes = fc.uint8Array({ maxLength: 60 }).map((data) => Buffer.from(data));
const line = fc
  .tuple(
    fc.constantFrom('I', 'E', 'W'),
    fc.constantFrom('5', '99999999999999999999', '12:00:00.000', '99:99:99.999'),
    fc.constantFrom('', '#a4f.1', '#a4f.9007199254740991', '#000.0+', '#a4f.3~&', '#b00.2'),
    fc.constantFrom('m: x', 'logging: 999999999999999999999 lines lost', 'logging: 0 lines lost'),
  )
  .map(([level, time, number, text]) => `${level} ${time}${number} ${text}`);
const topic = fc.constantFrom('log', 'sysinfo', 'mqb/status', 'mqb/info', 'mqb/crash/1.1');
const message = fc.tuple(topic, fc.oneof(json, bytes, line, fc.constant('online')), fc.boolean());

describe('A fleet with boards that say anything at all', () => {
  it('goes on, and every time that it tells is one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 30 }), async (messages) => {
        const warnings: unknown[] = [];
        const switchboard = new Switchboard();
        const fleet = switchboard.fleet();
        const check = (event: object) => {
          for (const part of Object.values(event)) {
            if (part instanceof Date && Number.isNaN(part.getTime())) warnings.push(event);
          }
        };
        await fleet.watch(['#'], { log: check, crash: check, sysinfo: check, presence: check });
        for (const [topic, payload, retain] of messages) {
          switchboard.deliver(`a/${topic}`, payload, retain);
        }
        switchboard.deliver('b/mqb/status', 'online');
        assert.equal(fleet.known('b')?.online, true);
        assert.deepEqual(warnings, []);
        await fleet.close();
      }),
      { numRuns: 1000 },
    );
  });
});

describe('A fleet with boards that mean ill', () => {
  const nested = `{"id":"1.1","kind":"hang","x":${'['.repeat(5000)}${']'.repeat(5000)}}`;
  const noTexts = '{"id":"1.1","kind":"hang","do":[{"toString":1}],"log":[{"toString":1},"said"]}';
  const everyTopic = ['log', 'sysinfo', 'mqb/status', 'mqb/info', 'mqb/crash/1.1'];

  it('can copy and write down all that it takes, and takes no list for texts', async () => {
    const switchboard = new Switchboard();
    const saved: unknown[] = [];
    const save = async (state: unknown) => void saved.push(JSON.stringify(state));
    const fleet = switchboard.fleet({ memory: { load: async () => undefined, save } });
    const logs: unknown[] = [];
    await fleet.watch(['#'], {
      crash: ({ report }) => void logs.push(report?.log),
      sysinfo: () => {},
    });
    for (const topic of everyTopic) {
      for (const payload of [nested, noTexts]) switchboard.deliver(`a/${topic}`, payload);
    }
    assert.deepEqual(fleet.known('a')?.info?.do, []);
    assert.deepEqual(logs, [['said']]);
    await fleet.close();
    assert.equal(saved.length, 1);
  });

  it('counts no crash whose number nobody would want to be told of', async () => {
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet();
    const crashes: string[] = [];
    await fleet.watch(['#'], { crash: ({ id }) => void crashes.push(id) });
    for (const id of ['', '1.1', 'x'.repeat(65), 'x/\u00e9'])
      switchboard.deliver('a/mqb/crash/x', { id, kind: 'hang' }, true);
    assert.deepEqual(crashes, ['1.1', 'x/\u00e9']);
    await fleet.close();
  });

  it('has boards of any name, those of the language included', async () => {
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet();
    const names = ['__proto__', 'constructor', 'toString', 'a/__proto__'];
    const heard: string[] = [];
    await fleet.watch(['#'], { log: ({ board, name }) => void heard.push(`${board} ${name}`) });
    for (const name of names) {
      switchboard.deliver(`${name}/mqb/info`, '{"wire":2,"boot":1,"__proto__":{"online":true}}');
      switchboard.deliver(`${name}/sysinfo`, '{"__proto__":{"online":true}}');
      switchboard.deliver(`${name}/log`, `I 5#001.1 ${name}: x`);
    }
    assert.deepEqual(
      heard,
      names.map((name) => `${name} ${name}`),
    );
    for (const name of names) assert.equal(fleet.known(name)?.online, undefined);
    assert.equal(({} as Record<string, unknown>).online, undefined);
    await fleet.close();
  });
});

describe('A link', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  it('goes on for all others when one cannot take a message', async () => {
    const broker = await bench.broker();
    const connection = await bench.connected(broker.url);
    const warned: string[] = [];
    mock.method(process, 'emitWarning', (error: Error) => void warned.push(error.message));
    bench.keep(mock, ({ restoreAll }) => restoreAll.call(mock));
    await connection.subscribe('a', () => {
      throw new Error('not for me');
    });
    const heard = new Promise((resolve) => void connection.subscribe('b', resolve));
    await connection.publish('a', '', { qos: 1 });
    await connection.publish('b', '', { qos: 1 });
    await heard;
    assert.deepEqual(warned, ['not for me']);
  });
});

describe('Crash reports of boards that nobody can reach', () => {
  it('keep none of another board from being acknowledged', async () => {
    const told: string[] = [];
    const get = (prefix: string) => ({ seenCrashes: async () => void told.push(prefix) });
    const acknowledger = new Acknowledger({ get } as unknown as Boards);
    const board = { firstSeen: 0, lastSeen: 0, online: undefined };
    for (let n = 0; n < 2000; n++)
      acknowledger.add({ ...board, board: '', prefix: `junk/${n}` }, '1');
    const info = parseInfo('{"wire":2,"do":["crash"]}') as BoardInfo;
    acknowledger.add({ ...board, board: 'a', prefix: 'a', online: true, info }, '1.1');
    assert.deepEqual(told, ['a']);
    acknowledger.close();
  });
});

describe('A fleet among thousands of boards', () => {
  it('has room for those that are there, and drops those that are only names', async () => {
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet();
    await fleet.watch(['#'], { log: () => {} });
    for (let n = 0; n < 2000; n++) {
      switchboard.deliver(`site/${n}/mqb/status`, 'online');
      switchboard.deliver(`site/${n}/mqb/info`, { wire: 2, boot: n });
    }
    for (let n = 0; n < 20_000; n++) switchboard.deliver(`junk/${n}/log`, 'I 5 m: hello');
    assert.ok(fleet.boards().length <= 5000);
    assert.equal(fleet.boards().filter(({ board }) => board.startsWith('site/')).length, 2000);
    switchboard.deliver(`${'x'.repeat(300)}/log`, 'I 5 m: hello');
    switchboard.deliver('not-a-board/log', 'what a printer says');
    assert.equal(fleet.known('not-a-board'), undefined);
    assert.ok(!fleet.boards().some(({ board }) => board.startsWith('xx')));
    await fleet.close();
  });

  it('keeps little of messages that never end', async () => {
    const switchboard = new Switchboard();
    const fleet = switchboard.fleet();
    let kept = 0;
    await fleet.watch(['#'], {
      log: ({ message }) => {
        kept += message.length;
      },
    });
    const text = 'x'.repeat(1000);
    let said = 0;
    for (let n = 1; n <= 100; n++) {
      for (let board = 0; board < 200; board++) {
        switchboard.deliver(`site/${board}/log`, `I 5#a4f.${n}+ m: ${text}`);
        said += text.length;
      }
    }
    assert.ok(said - kept < 200 * 20_000);
    await fleet.close();
  });
});
