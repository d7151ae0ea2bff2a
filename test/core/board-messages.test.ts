import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCrashReport, parseSysinfo } from '../../core/index';
import { parseStoredCrash } from '../../core/protocol/crash-report';
import { parseInfo } from '../../core/protocol/info';

/** JSON that uses the keys of the wire for anything. */
const odd = fc
  .dictionary(
    fc.constantFrom(
      ...['id', 'kind', 'trace', 'log', 'again', 'up', 'time', 'wire', 'do', 'boot', 'last'],
      ...['zone', 'reset', 'max', '__proto__', 'other'],
    ),
    fc.jsonValue(),
  )
  .map((keys) => JSON.stringify(keys));

describe('A crash report', () => {
  it('is read with its traceback', () => {
    const report = {
      id: '2a4f.1',
      kind: 'exception',
      where: 'module heating',
      trace: 'Traceback (most recent call last):\n  File "a.py", line 1, in f\nValueError: hot',
      log: ['I 12#a4f.1     main: hello'],
      restarted: true,
      again: 2,
      up: 12.5,
      time: 1_790_000_000,
      free: 40_000,
      boots: 7,
      fw: '0.4',
      doing: 'eval',
      later: 'a key of a later version',
    };
    const { exception, ...rest } = parseCrashReport(JSON.stringify(report)) ?? {};
    const { later: _later, ...known } = report;
    assert.deepEqual(rest, known);
    assert.equal(exception?.type, 'ValueError');
  });

  it('of a hang has no traceback, and what it lacks is not there', () => {
    assert.deepEqual(parseCrashReport('{"id":"1.1","kind":"hang"}'), {
      id: '1.1',
      kind: 'hang',
      restarted: false,
      again: 0,
      log: [],
    });
  });

  it('is not the empty message that clears it, nor anything else', () => {
    for (const payload of ['', 'x', '7', 'null', '[]', '{}', '{"id":"1.1"}', '{"kind":"hang"}']) {
      assert.equal(parseCrashReport(payload), undefined, payload);
    }
    assert.equal(parseCrashReport('{"id":"1","kind":"explosion"}'), undefined);
    const padding = 'x'.repeat(70_000);
    assert.equal(parseCrashReport(JSON.stringify({ id: '1', kind: 'hang', padding })), undefined);
  });

  it("in a board's store says whether a host has it", () => {
    assert.deepEqual(
      parseStoredCrash({ id: '1.1', kind: 'hang', seen: true, text: 'ValueError' }),
      {
        id: '1.1',
        kind: 'hang',
        restarted: false,
        again: 0,
        seen: true,
        text: 'ValueError',
      },
    );
    assert.equal(parseStoredCrash('1.1'), undefined);
  });
});

describe('Vital signs', () => {
  it('are read by name, and what nobody knows is kept', () => {
    const said = { up: 5, free: 100, cont_free: 50, mqtt_conn: 1, idf_free: 9, ip: '10.0.0.7' };
    assert.deepEqual(parseSysinfo(JSON.stringify({ ...said, loop_ms: 3, oven: { t: 80 } })), {
      up: 5,
      free: 100,
      contFree: 50,
      mqttConn: 1,
      idfFree: 9,
      loopMs: 3,
      ip: '10.0.0.7',
      other: { oven: { t: 80 } },
    });
  });

  it('of the wrong type are not there', () => {
    assert.deepEqual(parseSysinfo('{"up":"long","free":null,"ip":7}'), { other: {} });
    for (const payload of ['', 'x', '7', 'null', '[1]']) {
      assert.equal(parseSysinfo(payload), undefined, payload);
    }
  });
});

describe('A birth message', () => {
  it('tells why the board restarted, and what the boot before left', () => {
    const info = parseInfo(
      JSON.stringify({
        wire: 2,
        reset: 'crash',
        reason: 'ValueError',
        last: { boot: 5, up: 60, said: 20, acked: 18, rough: true },
        zone: 120,
      }),
    );
    assert.equal(info?.reset, 'crash');
    assert.equal(info?.reason, 'ValueError');
    assert.equal(info?.zone, 120);
    assert.deepEqual(info?.last, { boot: 5, up: 60, said: 20, acked: 18, rough: true });
  });

  it('with a reset or a zone that cannot be has none', () => {
    const info = parseInfo('{"reset":"lightning","zone":99999,"last":[]}');
    assert.deepEqual([info?.reset, info?.zone, info?.last], [undefined, undefined, undefined]);
  });
});

describe('What boards say in JSON', () => {
  it('is read without an error, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(odd, fc.json(), fc.string()), (text) => {
        const payload = Buffer.from(text);
        parseCrashReport(payload);
        parseSysinfo(payload);
        parseInfo(payload);
      }),
      { numRuns: 500 },
    );
  });
});
