import assert from 'node:assert/strict';
import { sleeping } from '../../core/protocol/asleep';
import { parseInfo } from '../../core/protocol/info';

const NOW = Date.UTC(2026, 0, 1);
const secondsAgo = (seconds: number) => NOW - seconds * 1000;
const info = (more: object) => parseInfo(JSON.stringify({ wire: 2, do: [], ...more }));

describe('A board that is offline', () => {
  const wake = { every: 3600, awake: 60 };
  const time = secondsAgo(3600) / 1000;
  const cases: Array<[what: string, info: object, since: number | undefined, asleep: boolean]> = [
    ['went to sleep a while ago', { wake }, secondsAgo(3000), true],
    ['is a little late', { wake }, secondsAgo(3600 + 300), true],
    ['has missed a waking', { wake }, secondsAgo(7200), false],
    ['was there one sleep ago by its own clock', { wake, time }, undefined, true],
    ['was there long ago by its own clock', { wake, time: time - 7200 }, undefined, false],
    ['says only that it sleeps', { wake }, undefined, true],
    ['has a schedule without sleep', { wake: { every: 0, awake: 60 } }, secondsAgo(1), false],
    ['has no schedule', {}, secondsAgo(1), false],
    ['says nonsense', { wake: { every: 'often', awake: -1 } }, secondsAgo(1), false],
  ];
  for (const [what, said, since, asleep] of cases) {
    it(`and ${what} ${asleep ? 'sleeps' : 'is lost'}`, () => {
      assert.equal(sleeping(info(said), since, NOW) !== undefined, asleep);
    });
  }
});
