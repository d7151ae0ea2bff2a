import assert from 'node:assert/strict';
import { runPython } from '../support/micropython';

/** Minutes ahead of UTC by our rule, each with the moment it holds until. */
async function offsets(rule: string, moments: readonly string[]) {
  const seconds = moments.map((moment) => Date.parse(moment) / 1000);
  const lines = await runPython(`
import tz_rule
for now in (${seconds.join(', ')},): print(*tz_rule.offset(${JSON.stringify(rule)}, now))`);
  return lines.map((line) => {
    const [minutes, until] = line.split(' ').map(Number);
    return [minutes, new Date((until ?? 0) * 1000).toISOString().slice(0, 16)];
  });
}

describe('A rule of a time zone', () => {
  it('follows summer time to the second, north and south of the equator', async () => {
    assert.deepEqual(
      await offsets('CET-1CEST,M3.5.0,M10.5.0/3', [
        '2026-03-29T00:59:59Z',
        '2026-03-29T01:00:00Z',
        '2026-12-31T23:30:00Z',
      ]),
      [
        [60, '2026-03-29T01:00'],
        [120, '2026-10-25T01:00'],
        [60, '2027-03-28T01:00'],
      ],
    );
    assert.deepEqual(
      await offsets('AEST-10AEDT,M10.1.0,M4.1.0/3', [
        '2026-01-01T00:00:00Z',
        '2026-04-04T16:00:00Z',
      ]),
      [
        [660, '2026-04-04T16:00'],
        [600, '2026-10-03T16:00'],
      ],
    );
  });

  it('agrees with the time zone database, hour by hour through ten years', async () => {
    const zones = {
      'Europe/Berlin': 'CET-1CEST,M3.5.0,M10.5.0/3',
      'America/Los_Angeles': 'PST+8PDT,M3.2.0/2,M11.1.0/2',
      'America/New_York': 'EST5EDT',
      'Australia/Lord_Howe': '<+1030>-10:30<+11>-11,M10.1.0,M4.1.0',
      'Asia/Kolkata': 'IST-5:30',
    };
    const first = Date.UTC(2024, 0, 1) / 1000;
    for (const [name, rule] of Object.entries(zones)) {
      const lines = await runPython(`
import tz_rule
now = ${first}
while now < ${Date.UTC(2034, 0, 1) / 1000}:
    minutes, until = tz_rule.offset("${rule}", now)
    print(now, minutes)
    now = until`);
      for (const line of lines) {
        const [moment, minutes] = line.split(' ').map(Number);
        const at = new Date((moment ?? 0) * 1000);
        assert.equal(minutes, minutesAhead(name, at), `${name} ${at.toISOString()}`);
        if (moment === first) continue;
        const before = new Date(at.getTime() - 1000);
        if (lines.length > 12) assert.notEqual(minutes, minutesAhead(name, before), name);
      }
    }
  });

  it('counts days of the year with and without the 29 February', async () => {
    const years = ['2024-01-01T00:00:00Z', '2025-01-01T00:00:00Z'];
    assert.deepEqual(await offsets('AAA0BBB,J60/0,100', years), [
      [0, '2024-03-01T00:00'],
      [0, '2025-03-01T00:00'],
    ]);
    assert.deepEqual(await offsets('AAA0BBB,60/0,100', years), [
      [0, '2024-03-01T00:00'],
      [0, '2025-03-02T00:00'],
    ]);
  });

  it('says what is wrong with one', async () => {
    const lines = await runPython(`
import tz_rule
for rule in ("", "X", "CET", "CET-1CEST,M13.1.0,M3.1.0", "CET-1CEST,M3.5.0", "UTC0!"):
    try: print(tz_rule.offset(rule, 0))
    except ValueError as e: print(e)`);
    assert.deepEqual(lines, [
      "expected the name of a zone at ''",
      "expected the name of a zone at 'X'",
      "expected its distance to UTC at ''",
      'there is no M13.1.0',
      "expected a comma and a date at ''",
      "expected the name of a zone at '!'",
    ]);
  });
});

function minutesAhead(zone: string, at: Date): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}
