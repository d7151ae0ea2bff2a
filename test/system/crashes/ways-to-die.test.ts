import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from '../../core/support';
import { type Death, watchThemDie } from '../../support/deaths';
import { waysToDie } from '../../support/ways-to-die';

const page = join(__dirname, '../../../docs/crashes.md');
const begin = '<!-- ways to die -->\n';
const end = '<!-- the end of it -->\n';

const row = ({ way, wire, crashes, presence }: Death) =>
  `| ${way} | ${wire} | ${crashes} | ${presence} |`;

/**
 * docs/crashes.md says what comes of each way to die, in a table that is compared with what happens.
 * `MQBOARD_WRITE=1 npm run test:system -- --grep "way to die"` writes the table.
 */
describe('What comes of a way to die', () => {
  for (const runtime of ['unix', 'wasm'] as const) {
    describe(`on the ${runtime} runtime, is what docs/crashes.md says`, () => {
      const bench = new Workbench();
      let deaths: Death[];

      before(async () => {
        deaths = await watchThemDie(bench, runtime);
        if (process.env.MQBOARD_WRITE) write(deaths.map(row));
      });
      after(() => bench.clear());

      waysToDie.forEach((way, i) => {
        it(way.title, () => {
          const death = deaths[i];
          assert.ok(death);
          const written = rows().find((line) => line.startsWith(`| ${way.title} |`));
          assert.equal(row(death), written);
        });
      });
    });
  }
});

function rows(): string[] {
  const text = readFileSync(page, 'utf8');
  return text.slice(text.indexOf(begin), text.indexOf(end)).split('\n');
}

function write(lines: string[]): void {
  const text = readFileSync(page, 'utf8');
  const head = ['| way to die | what the board says | output 2 | output 4 |', '|---|---|---|---|'];
  const table = `${[...head, ...lines].join('\n')}\n`;
  const [before = '', rest = ''] = text.split(begin);
  writeFileSync(page, `${before}${begin}\n${table}\n${end}${rest.split(end)[1]}`);
}
