import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  dialog,
  knownBoards,
  languages,
  nodeFile,
  root,
  sharedDialogs,
  sources,
  texts,
  types,
} from './support/node-files';

/** Keys that code puts together at run time begin with one of these. */
const PUT_TOGETHER = [
  ...['test.failed.', 'test.denied', 'test.unreachable', 'badge.', 'status.'],
  ...['text.', 'crash.', 'presence.'],
];

/** Every text in the sources that may be the code of an error; those of files are put together. */
const codes = new Set(
  ['core', 'nodes'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const source = readFileSync(join(root, folder, name), 'utf8');
        const files = /const KNOWN: .*?^};/ms.exec(source)?.[0] ?? '';
        const reasons = files.match(/^ {2}\w+(?=: \[)/gm) ?? [];
        const written = source.match(/(?<=')[A-Z][A-Z_]+(?=')/g) ?? [];
        return [...written, ...reasons.map((reason) => `FILE_${reason.trim().toUpperCase()}`)];
      }),
  ),
);

/** Tags of a help text, without what they hold: the shape of the page. */
function shape(html: string): string[] {
  return html.match(/<\/?\w+/g) ?? [];
}

for (const type of types) {
  describe(`The texts of ${type}`, () => {
    const help = (language: string) =>
      readFileSync(nodeFile(type, 'locales', language, `${type}.html`), 'utf8');

    it('have the same keys in all languages', () => {
      const [first = '', ...others] = languages;
      const keys = [...texts(type, first).keys()];
      for (const other of others) assert.deepEqual([...texts(type, other).keys()], keys, other);
    });

    it('have the same placeholders in all languages', () => {
      const placeholders = (text = '') => (text.match(/__\w+__/g) ?? []).sort();
      const [first = '', ...others] = languages;
      for (const [key, text] of texts(type, first)) {
        for (const other of others) {
          assert.deepEqual(placeholders(texts(type, other).get(key)), placeholders(text), key);
        }
      }
    });

    it('are there for every key that is used, and used where they are there', () => {
      const code = dialog(type) + sources(type);
      const known = texts(type, 'en-US');
      const used = new Set(code.match(new RegExp(`\\b${type}\\.[a-zA-Z]+(\\.[a-zA-Z]+)*`, 'g')));
      const missing = [...used].filter(
        (key) => !known.has(key) && ![...known.keys()].some((name) => name.startsWith(`${key}.`)),
      );
      // A permission and an icon are no texts.
      const others = ['mqboard-config.write', 'mqboard-config.read'];
      others.push(`${type}.svg`);
      assert.deepEqual(
        missing.filter((key) => !others.includes(key)),
        [],
      );
      for (const [, key] of sharedDialogs.matchAll(/'(error\.\w+)'/g)) used.add(`${type}.${key}`);
      // The list of known boards speaks with the words of the server whose boards they are.
      for (const [, key] of knownBoards.matchAll(/'(known\.\w+)'/g))
        used.add(`mqboard-config.${key}`);
      const unused = [...known.keys()].filter(
        (key) =>
          !used.has(key) && !PUT_TOGETHER.some((start) => key.startsWith(`${type}.${start}`)),
      );
      assert.deepEqual(unused, []);
    });

    it('name errors only by codes that there are', () => {
      const badges = [...texts(type, 'en-US').keys()].flatMap(
        (key) => key.split('.badge.')[1] ?? [],
      );
      assert.deepEqual(
        badges.filter((code) => !codes.has(code)),
        [],
      );
    });

    it('are never empty, and short enough where they stand below a node', () => {
      for (const language of languages) {
        for (const [key, text] of texts(type, language)) {
          assert.notEqual(text.trim(), '', `${language} ${key}`);
          if (key.startsWith(`${type}.badge.`)) assert.ok(text.length < 20, `${language} ${key}`);
        }
      }
    });

    it('explain every field of the dialog in the help, in all languages', () => {
      for (const language of languages) {
        const page = help(language);
        assert.ok(page.includes(`data-help-name="${type}"`));
        for (const [key, label] of texts(type, language)) {
          if (!key.startsWith(`${type}.label.`) || key.endsWith('.name')) continue;
          const word = label.split(' ')[0] ?? label;
          assert.ok(page.includes(`${word}`), `${language}: the help does not speak of "${label}"`);
        }
      }
    });

    it('have help pages of the same shape in all languages', () => {
      const [first = '', ...others] = languages;
      for (const other of others) assert.deepEqual(shape(help(other)), shape(help(first)));
    });
  });
}
