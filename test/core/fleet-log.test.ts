import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { LogRecord } from '../../core/index';
import { course } from './log-model';
import { Switchboard } from './switchboard';

/** Numbers of lines that a record stands for. */
const stoodFor = ({ lines, lost = 0, missing = 0 }: LogRecord) => lines + lost + missing;

describe('The log of several boards', () => {
  it('has each line once, or counted, whatever is repeated, lost, reset or cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(course, { minLength: 1, maxLength: 3 }),
        fc.infiniteStream(fc.nat(2)),
        async (courses, turns) => {
          const switchboard = new Switchboard();
          const fleet = switchboard.fleet({ scope: 'site' });
          const records = new Map<string, LogRecord[]>();
          await fleet.watch(['#'], {
            log: (record) => {
              records.set(record.board, [...(records.get(record.board) ?? []), record]);
            },
          });
          const left = courses.map(({ arrived }) => [...arrived]);
          while (left.some(({ length }) => length > 0)) {
            const board = (turns.next().value ?? 0) % left.length;
            const line = left[board]?.shift();
            if (line) switchboard.deliver(`site/hall/${board}/log`, line.payload);
          }
          await fleet.close();
          for (const [board, { arrived, said }] of courses.entries()) {
            const found = records.get(`hall/${board}`) ?? [];
            const texts = new Set(arrived.flatMap(({ text }) => text ?? []));
            const lines = found
              .filter(({ name }) => name === 'main')
              .flatMap(({ message }) => message.split('\n'));
            assert.equal(new Set(lines).size, lines.length, 'no line twice');
            assert.deepEqual(new Set(lines), texts);
            assert.equal(
              found.reduce((sum, record) => sum + stoodFor(record), 0),
              said,
            );
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
