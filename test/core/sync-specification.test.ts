import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LocalRoot, type SyncOptions, type SyncReport, syncBoard } from '../../core/index';
import { parseSpecification } from '../../core/sync/specification';
import { errorOf, Workbench } from './support';
import { localFolder, MapBoard } from './sync-support';

const said = ({ actions }: SyncReport) =>
  actions.map(({ action, path, reason }) => [action, path, reason].filter(Boolean).join(' '));

const PLAIN = { checkOnly: false, noUpdate: false, mpy: false };

describe('The parser of a specification', () => {
  it('reads targets, options, folders, renames and comments', () => {
    const text = [
      '#! /usr/bin/env mqboard sync',
      '/lib: # the library',
      '  ./mpy-lib: sntp.py  sysinfo.py',
      '\t../board/logging.py',
      '',
      '   # nothing',
      'app:  --mpy --no-update',
      '  src: a.py->main_app.py ?.py *',
      '/: --check-only\r',
      '  boot.py\r',
    ].join('\n');
    const source = (line: number, pattern: string, rename?: string) => ({ line, pattern, rename });
    assert.deepEqual(parseSpecification(text), [
      {
        ...{ line: 2, target: '/lib', options: PLAIN },
        sources: [
          source(3, './mpy-lib/sntp.py'),
          source(3, './mpy-lib/sysinfo.py'),
          source(4, '../board/logging.py'),
        ],
      },
      {
        ...{ line: 7, target: '/app', options: { ...PLAIN, mpy: true, noUpdate: true } },
        sources: [source(8, 'src/a.py', 'main_app.py'), source(8, 'src/?.py'), source(8, 'src/*')],
      },
      {
        ...{ line: 9, target: '/', options: { ...PLAIN, checkOnly: true } },
        sources: [source(10, 'boot.py')],
      },
    ]);
  });

  const broken: Array<[string, string, RegExp]> = [
    ['a source before any target', '\n  a.py', /^Line 2 .*no target directory before/],
    ['a target without its colon', '/lib\n  a.py', /^Line 1 .*"\/lib" is no target/],
    ['an unknown option', '/:\n  a.py\n/lib: --fast\n  b', /^Line 3 .*"--fast" is none of .*--mpy/],
    ['a source behind the colon', '/lib: a.py', /^Line 1 .*"a.py" is none/],
    ['a target that leads up', '/lib/../..:\n  a.py', /^Line 1 .*"\.\."/],
    ['a rename with wildcards', '/:\n  *.py->a.py', /^Line 2 .*wildcards/],
    ['a rename into a folder', '/:\n  a.py->lib/b.py', /^Line 2 .*file name/],
    ['a rename to nothing', '/:\n  a.py->', /^Line 2 .*file name/],
    ['a rename of nothing', '/:\n  ->a.py', /^Line 2 .*names no file/],
    ['a folder without files', '/:\n  lib:', /^Line 2 .*no files follow "lib:"/],
    ['a target without sources', '/lib:\n\n/app:\n  a', /^Line 1 .*no sources follow \/lib/],
    ['nothing at all', '# only this\n', /is empty/],
  ];
  for (const [what, text, words] of broken) {
    it(`names the line of ${what}`, () => {
      assert.throws(() => parseSpecification(text), { code: 'SPECIFICATION', message: words });
    });
  }

  it('reads back whatever was written by its rules, and fails in words on anything else', () => {
    const name = fc
      .stringMatching(/^[\w*?.äß+()[\]-]*[\wäß]$/)
      .filter((text) => !text.includes('->'));
    const space = fc.constantFrom(' ', '\t', '   ');
    const sources = fc.array(name, { minLength: 1, maxLength: 4 });
    const block = fc.record({
      target: fc.stringMatching(/^[a-z]{1,8}$/),
      sources,
      mpy: fc.boolean(),
      space,
    });
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 5 }), (blocks) => {
        const text = blocks
          .map(
            (it) =>
              `${it.target}:${it.mpy ? ' --mpy' : ''} # x\n${it.space}${it.sources.join(it.space)}\n`,
          )
          .join('\n');
        const expected = blocks.map((it) => [`/${it.target}`, it.mpy, it.sources]);
        const read = parseSpecification(text).map(({ target, options, sources: found }) => [
          ...[target, options.mpy],
          found.map(({ pattern }) => pattern),
        ]);
        assert.deepEqual(read, expected);
      }),
    );
    const pieces = fc.constantFrom(
      '/lib:',
      ' ',
      '\n',
      'a.py',
      '->',
      '*',
      '--mpy',
      '#',
      ':',
      '\r',
      '\0',
      '..',
    );
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        try {
          parseSpecification(parts.join(''));
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'SPECIFICATION');
        }
      }),
    );
  });
});

describe('A sync by a specification', () => {
  const bench = new Workbench();
  afterEach(() => bench.clear());

  const local = (files: Parameters<typeof localFolder>[0]) =>
    bench.keep(localFolder(files), ({ remove }) => remove()).path;

  const sync = (board: MapBoard, text: string, folder: string, options: SyncOptions = {}) =>
    syncBoard(board.asBoard(), { kind: 'specification', text, folder }, options);

  it('puts each file directly into its target, under its own name or another', async () => {
    const folder = local({ 'lib/deep/a.py': '1', 'b.py': '2', 'x/c.py': '3', 'x/d.py': '4' });
    const board = new MapBoard({ '/app/other': '' });
    const text = '/app:\n lib/deep/a.py b.py->z.py\n/lib:\n x: *.py\n';
    const report = await sync(board, text, folder);
    assert.deepEqual(board.contents, {
      ...{ '/app/a.py': '1', '/app/other': '', '/app/z.py': '2' },
      ...{ '/lib/c.py': '3', '/lib/d.py': '4' },
    });
    assert.equal(report.target, '/app, /lib');
    assert.ok(said(report).includes('mkdir /lib missing'));
  });

  it('changes nothing with --check-only, and nothing that is there with --no-update', async () => {
    const folder = local({ 'a.py': 'new', 'b.py': 'new', 'c.py': 'same', 'd.py': 'new' });
    const board = new MapBoard({ '/t/a.py': 'old', '/t/c.py': 'same', '/t/d.mpy': 'old' });
    const check = await sync(board, '/t: --check-only\n a.py b.py c.py', folder);
    assert.deepEqual(said(check), [
      'skip /t/a.py check-only',
      'skip /t/b.py check-only',
      'same /t/c.py',
    ]);
    assert.deepEqual(
      check.actions.map(({ note }) => note),
      ['differs from the one on the board', 'missing on the board', undefined],
    );
    await sync(board, '/none: --check-only\n a.py', folder);
    assert.deepEqual(board.changes, []);
    const report = await sync(board, '/t: --no-update\n a.py b.py c.py d.py', folder);
    assert.deepEqual(said(report), [
      'skip /t/a.py no-update',
      'same /t/c.py',
      'skip /t/d.py no-update',
      'put /t/b.py missing',
    ]);
  });

  it('lets a target come again with other options', async () => {
    const folder = local({ 'a.py': 'x = 1', 'b.py': 'y = 2' });
    const board = new MapBoard();
    await sync(board, '/t:\n a.py\n/t: --mpy\n b.py', folder);
    assert.deepEqual(Object.keys(board.contents), ['/t/a.py', '/t/b.mpy']);
  });

  it('takes wildcards as a shell does', async () => {
    const folder = local({
      'd1/x.py': '',
      'd2/x.py': '2',
      'd2/y.py': '',
      '.h.py': '',
      'sub.py/z': '',
      'a+.py': '',
    });
    const names = async (pattern: string) => {
      const board = new MapBoard();
      await sync(board, `/t:\n ${pattern}`, folder);
      return Object.keys(board.contents);
    };
    assert.deepEqual(await names('*.py'), ['/t/a+.py']);
    assert.deepEqual(await names('.*.py'), ['/t/.h.py']);
    assert.deepEqual(await names('d*/y.py'), ['/t/y.py']);
    assert.deepEqual(await names('./d2/../d1/?.py d1/x.py'), ['/t/x.py']);
  });

  const failing: Array<[string, string, string, RegExp]> = [
    [
      'a pattern that matches nothing',
      '/:\n\n a*.txt',
      'SPECIFICATION',
      /^Line 3 .*no file matches "a\*\.txt"/,
    ],
    [
      'a missing file',
      '/:\n gone.py',
      'SPECIFICATION',
      /^Line 2 .*: there is no such file or folder \(.*gone\.py\)\.$/,
    ],
    ['a folder', '/:\n sub', 'LOCAL_FILE', /Line 2 .*not a file/],
    [
      'a file with two kinds of options',
      '/:\n a.py\n/: --no-update\n a.py',
      'SAME_PLACE',
      /other options/,
    ],
    [
      'two files for one place',
      '/:\n a.py sub/a.py',
      'SAME_PLACE',
      /a\.py and sub\/a\.py would both be \/a\.py/,
    ],
  ];
  for (const [what, text, code, words] of failing) {
    it(`fails at ${what}, before anything is changed`, async () => {
      const board = new MapBoard();
      const folder = local({ 'a.py': '', 'sub/a.py': '' });
      const error = await errorOf(sync(board, `${text}`, folder));
      assert.equal(error.code, code);
      assert.match(error.message, words);
      assert.deepEqual(board.changes, []);
    });
  }

  it('refuses delete, because it does not know what is extra', async () => {
    const options = { delete: true };
    const error = await errorOf(sync(new MapBoard(), '/:\n a', local({ a: '' }), options));
    assert.equal(error.code, 'DELETE_NOT_POSSIBLE');
  });

  it('does not leave the local root where one is set', async () => {
    const outside = local({ 'secret.py': '' });
    const folder = local({ 'in/a.py': '' });
    const options = { root: new LocalRoot(folder) };
    for (const pattern of [`${outside}/secret.py`, `${outside}/*.py`, '../../etc/hostname']) {
      const error = await errorOf(sync(new MapBoard(), `/:\n ${pattern}`, `${folder}/in`, options));
      assert.match(`${error.code}`, /^(OUTSIDE_ROOT|SPECIFICATION)$/, pattern);
    }
    assert.equal((await sync(new MapBoard(), '/:\n ../in/a.py', `${folder}/in`, options)).put, 1);
  });
});
