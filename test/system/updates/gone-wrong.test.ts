import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from '../../core/support';
import { badUpdates } from '../../support/bad-updates';
import { hangGallery, type Picture } from '../../support/gallery';

const page = join(__dirname, '../../../docs/updates-gone-wrong.md');
const begin = '<!-- bad updates -->\n';
const end = '<!-- the end of it -->\n';

const row = ({ title, did, told, presence }: Picture) =>
  `| ${title} | ${did} | ${told} | ${presence} |`;

/**
 * docs/updates-gone-wrong.md says what comes of each bad update, in a table that is compared with what happens.
 * `MQBOARD_WRITE=1 npm run test:system -- --grep "bad update"` writes the table.
 */
describe('What comes of a bad update is what docs/updates-gone-wrong.md says', () => {
  const bench = new Workbench();
  let pictures: Picture[];

  before(async function () {
    this.timeout(180_000);
    pictures = await hangGallery(bench);
    if (process.env.MQBOARD_WRITE) write(pictures.map(row));
  });
  after(() => bench.clear());

  badUpdates('').forEach(({ title }, i) => {
    it(title, () => {
      const picture = pictures[i];
      assert.ok(picture);
      assert.match(picture.did, /runs 1\.0, mode normal$/, 'it runs what it had');
      const written = rows().find((line) => line.startsWith(`| ${title} |`));
      assert.equal(row(picture), written);
    });
  });
});

function rows(): string[] {
  const text = readFileSync(page, 'utf8');
  return text.slice(text.indexOf(begin), text.indexOf(end)).split('\n');
}

function write(lines: string[]): void {
  const text = readFileSync(page, 'utf8');
  const head = [
    '| bad update | what the board did | output 1 of `mqboard-ota` | output 4 of `mqboard-log` |',
    '|---|---|---|---|',
  ];
  const table = `${[...head, ...lines].join('\n')}\n`;
  const [before = '', rest = ''] = text.split(begin);
  writeFileSync(page, `${before}${begin}\n${table}\n${end}${rest.split(end)[1]}`);
}
