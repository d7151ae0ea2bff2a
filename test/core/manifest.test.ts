import assert from 'node:assert/strict';
import { formatManifest, InvalidInputError, type Manifest, parseManifest } from '../../core/index';
import { versionAtLeast } from '../../core/protocol/version';
import { manifests } from '../support/vectors';

const SHA = 'ab'.repeat(32);
const manifest = (more: Partial<Manifest> = {}): Manifest => ({
  slot: 'app',
  name: 'heating',
  version: '1.2',
  files: [{ path: '/src/a.py', size: 9, sha256: SHA }],
  ...more,
});

const refusal = (text: string) => {
  assert.throws(
    () => parseManifest(text),
    (error) => error instanceof InvalidInputError && error.code === 'BAD_MANIFEST',
    text,
  );
};

describe('A manifest', () => {
  for (const { name, manifest: content, text } of manifests()) {
    it(`is written and read, as on the board: ${name}`, () => {
      assert.equal(formatManifest(content).toString(), text);
      assert.deepEqual(parseManifest(text), content);
    });
  }

  it('is in the order of the bytes of its paths, whatever order it was given in', () => {
    const paths = ['/src/b', '/src/a/b', '/src/a.py', '/src/ä', '/src/\u{1f600}', '/src/\uffee'];
    const files = paths.map((path) => ({ path, size: 1, sha256: SHA }));
    const text = formatManifest(manifest({ files })).toString();
    const lines = text.trimEnd().split('\n').slice(1);
    const sorted = [...lines].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(lines, sorted);
    assert.deepEqual(parseManifest(text).files.length, 6);
  });

  for (const path of [
    ...['/boot.py', '/boot.mpy', '/release/app/now', '/safemode/pack', '/crashes/1', '/.mqb-x'],
    ...['/src/.mqb-part', '/', '/src/../a', '/src//a', '/src/'],
  ]) {
    it(`may not have ${path}`, () => {
      const files = [{ path, size: 1, sha256: SHA }];
      assert.throws(() => formatManifest(manifest({ files })), InvalidInputError);
    });
  }

  it('may have files whose names only begin like the ones of the board', () => {
    const paths = ['/boot.pyx', '/releases', '/safemodes/a', '/src/boot.py', '/src/x.mqb-y'];
    const files = paths.map((path) => ({ path, size: 1, sha256: SHA }));
    assert.equal(parseManifest(formatManifest(manifest({ files }))).files.length, 5);
  });

  it('is refused where it makes no sense', () => {
    const head = '{"slot":"app","name":"a","version":"1"}';
    refusal('');
    refusal('[]');
    refusal('{"slot":"other","name":"a","version":"1"}');
    refusal('{"slot":"app","name":"a"}');
    refusal('{"slot":"app","name":"","version":"1"}');
    refusal(`${head}\n${SHA} 1`);
    refusal(`${head}\n${SHA} -1 /a`);
    refusal(`${head}\n${SHA.slice(1)} 1 /a`);
    refusal(`${head}\n${SHA} 1 a`);
    refusal(`${head}\n${SHA} 1 /a\n\n${SHA} 1 /b`);
    refusal(`${head}\n${SHA} 1 /b\n${SHA} 1 /a`);
    refusal(`${head}\n${SHA} 1 /a\n${SHA} 1 /a`);
  });

  it('is refused above 64 KiB', () => {
    const files = [...Array(700).keys()].map((n) => {
      return { path: `/src/${String(n).padStart(30, '0')}`, size: 1, sha256: SHA };
    });
    assert.throws(() => formatManifest(manifest({ files })), /65536/);
  });
});

describe('A version', () => {
  for (const [version, least, expected] of [
    ['1.22', '1.22', true],
    ['1.22.0', '1.22', true],
    ['1.22', '1.22.1', false],
    ['1.9', '1.10', false],
    ['v1.27.0', '1.26.1', true],
    ['1.27.0-preview.3', '1.27.0', false],
    ['1.27.0', '1.27.0-preview', true],
    ['2', '1.99', true],
    ['a1b2', 'a1b2', true],
    ['a1b2', '1.0', false],
  ] as const) {
    it(`${version} is ${expected ? 'as high as' : 'lower than'} ${least}`, () => {
      assert.equal(versionAtLeast(version, least), expected);
    });
  }
});
