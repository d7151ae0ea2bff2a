import assert from 'node:assert/strict';
import fc from 'fast-check';
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
