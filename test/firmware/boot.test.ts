import assert from 'node:assert/strict';
import { bootPy, decisions, ends } from '../support/boot-steps';

/** A trial of a release of the application, about to be put in place. */
const TRIAL = (more = '') =>
  `save(trial={"id": "i", "what": "app", "version": "2", "step": "swap", "go": "forward"}${more})`;

/** One file replaced, one added, one removed, and the manifest. */
const STAGED = {
  'src/a.py': 'old a',
  'src/sub/gone.py': 'old gone',
  'release/app/now': 'old manifest',
  'release/app/plan':
    'r 0 /src/a.py\na 1 /src/new/b.py\nd 2 /src/sub/gone.py\nr 3 /release/app/now\n',
  'release/app/new/0': 'new a',
  'release/app/new/1': 'new b',
  'release/app/new/3': 'new manifest',
};
const LOOK =
  'print("FILES", json.dumps([read(p) for p in ("/src/a.py", "/src/new/b.py", "/src/sub/gone.py", "/release/app/now")]), sorted(os.listdir("/src")))';
const OLD = 'FILES ["old a", null, "old gone", "old manifest"] [\'a.py\', \'sub\']';
const NEW = 'FILES ["new a", "new b", null, "new manifest"] [\'a.py\', \'new\']';
const looks = (lines: string[]) => lines.filter((line) => line.startsWith('FILES'));

describe('boot.py', () => {
  it('leaves a mode, a watchdog and no functions behind where nothing is known', async () => {
    const { decisions: found, lines } = await decisions([
      'print("NAMES", sorted(n for n in globals() if n[:1] == "_" and n[:2] != "__" or n in ("load", "swap")), type(dog).__name__, safemode)',
    ]);
    assert.deepEqual(found, [{ mode: 'normal', why: '', undone: false, state: {} }]);
    assert.ok(lines.includes('NAMES [] WDT False'), lines.join('\n'));
  });

  it('arms the watchdog for as long as it was told, or not at all', async () => {
    const { lines } = await decisions([
      `save(cfg={"wdt": 1})\n${ends.intended}`,
      'import time\ntime.sleep(30)',
      `save(cfg={"wdt": 0})\n${ends.intended}`,
      'print("DOG", dog)',
    ]);
    assert.ok(lines.includes('[reset: WDT]'));
    assert.ok(lines.includes('DOG None'));
  });

  it('goes into safe mode after three boots that ended badly, whichever way', async () => {
    const { decisions: found } = await decisions([ends.hang, ends.unexplained, ends.crash, '']);
    assert.deepEqual(
      found.map(({ mode }) => mode),
      ['normal', 'normal', 'normal', 'safe'],
    );
    assert.equal(found[3]?.why, '3 boots ended badly, the last one by a crash');
  });

  it('counts neither power cuts nor resets that were meant, soft ones and sleep', async () => {
    const steps = [ends.intended, ends.soft, '', ends.sleep, ends.intended, ''];
    const { decisions: found } = await decisions(steps, {}, [3]);
    assert.deepEqual(
      found.map(({ mode, state }) => [mode, state.bad]),
      Array(6).fill(['normal', undefined]),
    );
  });

  it('believes a note for one boot only: who dies before writing his own is counted', async () => {
    const { decisions: found } = await decisions([ends.intended, ends.unexplained, '']);
    assert.deepEqual(
      found.map(({ state }) => state.bad),
      [undefined, undefined, 1],
    );
  });

  it('forgets bad boots when the board sleeps, as it is meant to', async () => {
    const { decisions: found } = await decisions([ends.unexplained, ends.sleep, '']);
    assert.deepEqual(
      found.map(({ state }) => state.bad),
      [undefined, 1, undefined],
    );
  });

  it('goes into safe mode when asked to, says by what, and not while the pin is high', async () => {
    const { decisions: found } = await decisions([
      `save(safe="try it")\n${ends.intended}`,
      `save(cfg={"pin": 4})\n${ends.intended}`,
      '',
    ]);
    assert.deepEqual(
      found.map(({ mode, why }) => [mode, why]),
      [
        ['normal', ''],
        ['safe', 'try it'],
        ['normal', ''],
      ],
    );
  });

  it('goes into safe mode while a pin is low', async () => {
    const low = `import chip_pins\nchip_pins.Pin._levels[4] = 0\n${bootPy}`;
    const { decisions: found } = await decisions([`save(cfg={"pin": 4})\n${ends.intended}`, ''], {
      files: { 'boot.py': low },
    });
    assert.deepEqual([found[1]?.mode, found[1]?.why], ['safe', 'pin 4 asks for it']);
  });

  for (const junk of ['b"{"', 'b"[1]"', 'b"\\xff\\0"', 'b\'{"bad": "x"}\'', 'b\'{"trial": 7}\'']) {
    it(`starts what the board has where its state is ${junk}`, async () => {
      const seed = `from esp32 import NVS\ns = NVS("mqboard")\ns.set_blob("state", ${junk})\ns.commit()\nmachine.reset()`;
      const { decisions: found } = await decisions([seed, ends.unexplained, '']);
      assert.deepEqual(
        found.map(({ mode }) => mode),
        ['normal', 'normal', 'normal'],
      );
      assert.equal(found[2]?.state.bad, junk.includes('"x"') || junk.includes('7') ? 1 : 2);
    });
  }
});

describe('A board that boot.py alone has to bring back', () => {
  const modes = (found: { mode: string }[]) => found.map(({ mode }) => mode);
  const seed = (state: object) => `save(**json.loads(${JSON.stringify(JSON.stringify(state))}))`;

  it('has a watchdog of a length that can be, whatever its state says', async () => {
    const dog = 'print("DOG", type(dog).__name__)\n';
    const junk = [-5, 'x', 1e12, null, [1]].map((wdt) => seed({ cfg: { wdt } }));
    const steps = [...junk, seed({ cfg: 7 }), ''].map((step) => `${dog}${step}\n${ends.intended}`);
    const { lines } = await decisions([...steps, '']);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('DOG')),
      Array(7).fill('DOG WDT'),
    );
  });

  it('watches what is on trial also where the configuration wants no watchdog', async () => {
    const steps = [`${TRIAL(', cfg={"wdt": 0}')}\n${ends.intended}`, 'print("DOG", dog is None)'];
    const { lines } = await decisions(steps, { files: STAGED });
    assert.ok(lines.includes('DOG False'), lines.join('\n'));
  });

  it('counts resets of its own before anything could reach it, and soft ones that nobody asked for', async () => {
    const crashed = 'note(2)\nraise SystemExit';
    const early = 'note(3)\nmachine.reset()';
    const { decisions: found } = await decisions([early, crashed, early, '']);
    assert.deepEqual(modes(found), ['normal', 'normal', 'normal', 'safe']);
    assert.equal(
      found[3]?.why,
      '3 boots ended badly, the last one by a reset before it was reached',
    );
  });

  it('runs what is in /lib every other time that its safe copy ends badly', async () => {
    const { decisions: found } = await decisions([
      `${seed({ safe: 'asked' })}\n${ends.intended}`,
      ends.crash,
      ends.intended,
      ends.hang,
      '',
    ]);
    assert.deepEqual(
      found.map(({ state }) => state.pack),
      [undefined, 1, 0, 0, 1],
    );
  });

  it('is in safe mode while what was tried cannot be taken back, and gives that up at last', async () => {
    const inTheWay = `open("/src/sub", "w").close()\n${ends.crash}`;
    const steps = [`${TRIAL()}\n${ends.intended}`, inTheWay, ends.intended, ends.intended, LOOK];
    const { decisions: found, lines } = await decisions(steps, { files: STAGED });
    assert.deepEqual(modes(found), ['normal', 'trial', 'safe', 'safe', 'normal']);
    assert.match(`${found[3]?.why}`, /^it could not be taken back: OSError/);
    assert.match(`${found[4]?.state.last?.why}`, /^it could not be taken back/);
    assert.match(looks(lines)[0] ?? '', /"old a", null, null, "old manifest"/, 'the rest is');
  });

  it('is out of that as soon as it can be taken back', async () => {
    const inTheWay = `open("/src/sub", "w").close()\n${ends.crash}`;
    const away = `os.remove("/src/sub")\n${ends.intended}`;
    const steps = [`${TRIAL()}\n${ends.intended}`, inTheWay, away, LOOK];
    const { decisions: found, lines } = await decisions(steps, { files: STAGED });
    assert.deepEqual(modes(found), ['normal', 'trial', 'safe', 'normal']);
    assert.deepEqual([found[3]?.undone, looks(lines)], [true, [OLD]]);
  });

  it('does not try again for ever what the flash did not take that it was tried', async () => {
    const steps = [`${TRIAL()}\n${ends.unexplained}`, ''];
    const { decisions: found } = await decisions(steps, { files: STAGED });
    assert.equal(found[1]?.mode, 'normal');
    assert.equal(found[1]?.state.last?.why, 'it ended by an unexplained reset');
  });

  it('is in safe mode for one boot where it was not reached with what was never proved', async () => {
    const steps = [`${seed({ once: 'not reached' })}\n${ends.intended}`, ends.intended, ''];
    const { decisions: found } = await decisions(steps);
    assert.deepEqual(
      found.map(({ mode, why }) => [mode, why]),
      [
        ['normal', ''],
        ['safe', 'not reached'],
        ['normal', ''],
      ],
    );
  });

  it('replaces what was put in the place of a removed file, also on a FAT, which does not', async () => {
    const fat = bootPy.replace(
      'os.rename(come, path)',
      'if _exists(path):\n            raise OSError(17)\n        os.rename(come, path)',
    );
    const put = `os.mkdir("/src/sub")\nopen("/src/sub/gone.py", "w").close()\n${ends.crash}`;
    const { decisions: found, lines } = await decisions(
      [`${TRIAL()}\n${ends.intended}`, put, LOOK],
      { files: { ...STAGED, 'boot.py': fat } },
    );
    assert.deepEqual([found[2]?.mode, looks(lines)], ['normal', [OLD]]);
  });

  it('keeps the image that it went back to, whatever becomes of the next boot', async () => {
    const use = 'from esp32 import Partition\none, two = Partition("ota_0"), Partition("ota_1")\n';
    const copy =
      'block = bytearray(4096)\nfor i in range(4):\n  one.readblocks(i, block)\n  two.writeblocks(i, block)\n';
    const trial = '{"id": "i", "what": "image", "step": "swap", "from": "ota_1", "to": "ota_0"}';
    const runs = 'print("RUNS", Partition(Partition.RUNNING).info()[4])\n';
    const { lines } = await decisions([
      `${use}${copy}two.set_boot()\n${ends.intended}`,
      `${use}two.mark_app_valid_cancel_rollback()\nsave(trial=${trial})\none.set_boot()\n${ends.intended}`,
      `${use}${runs}note(2)\nraise SystemExit`,
      `${use}${runs}${ends.unexplained}`,
      `${use}${runs}`,
    ]);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('RUNS')),
      ['RUNS ota_0', 'RUNS ota_1', 'RUNS ota_1'],
    );
  });
});

describe('boot.py on an RP2, which keeps nothing over a reset but files', () => {
  const chip = 'rp2' as const;

  it('has a watchdog for longer than the hardware can wait', async () => {
    const sleeps = 'import time\nfor i in range(30):\n  time.sleep(1)\n  print("ALIVE", i)';
    const { lines } = await decisions([`save(cfg={"wdt": 9})\n${ends.intended}`, sleeps, ''], {
      chip,
    });
    const alive = lines.filter((line) => line.startsWith('ALIVE')).length;
    assert.ok(lines.some((line) => line.startsWith('[reset: WDT')));
    assert.ok(alive > 10 && alive < 25, `${alive} s`);
  }).timeout(60_000);

  it('counts crashes that ended in a soft reset, of which it says that it was powered on', async () => {
    const crashed = 'note(2)\nraise SystemExit';
    const { decisions: found } = await decisions([crashed, crashed, crashed, ''], { chip });
    assert.equal(found[3]?.mode, 'safe');
  });

  it('refers to the timer that feeds it, which a collection would end', async () => {
    const held = 'print("HELD", [type(v).__name__ for v in dog.__dict__.values()].count("Timer"))';
    const { lines } = await decisions([held], { chip });
    assert.ok(lines.includes('HELD 1'), lines.join('\n'));
  });

  it('tells resets that are meant from others, and tries and undoes what is new', async () => {
    const steps = [
      `${TRIAL()}\n${ends.intended}`,
      `${LOOK}\n${ends.intended}`,
      ends.unexplained,
      LOOK,
    ];
    const { decisions: found, lines } = await decisions(steps, { chip, files: STAGED });
    assert.deepEqual(
      found.map(({ mode, state }) => [mode, state.bad]),
      [
        ['normal', undefined],
        ['trial', undefined],
        ['trial', undefined],
        ['normal', 0],
      ],
    );
    assert.deepEqual(looks(lines), [NEW, OLD]);
  });
});

describe('A trial of files', () => {
  it('puts what is new in place, and takes it back when the boot ends badly', async () => {
    const steps = [`${TRIAL()}\n${LOOK}\n${ends.intended}`, `${LOOK}\n${ends.hang}`, LOOK, LOOK];
    const { decisions: found, lines } = await decisions(steps.slice(0, 3), { files: STAGED });
    assert.deepEqual(looks(lines), [OLD, NEW, OLD]);
    assert.deepEqual(
      found.map(({ mode, undone }) => [mode, undone]),
      [
        ['normal', false],
        ['trial', false],
        ['normal', true],
      ],
    );
    assert.deepEqual(found[2]?.state.last, {
      ...{ id: 'i', what: 'app', version: '2', state: 'undone', why: 'it ended by a hang' },
    });
    assert.equal(found[2]?.state.trial, undefined);
  });

  it('lasts over power cuts and meant restarts, but not over more boots than it may', async () => {
    const steps = [`${TRIAL()}\n${ends.intended}`, LOOK, ends.intended, ends.intended, LOOK];
    const { decisions: found, lines } = await decisions(steps, { files: STAGED }, [2]);
    assert.deepEqual(
      found.map(({ mode }) => mode),
      ['normal', 'trial', 'trial', 'trial', 'normal'],
    );
    assert.equal(found[4]?.state.last?.why, 'it was not confirmed within 3 boots');
    assert.deepEqual(looks(lines), [NEW, OLD]);
  });

  it('waits while safe mode is asked for', async () => {
    const steps = [
      `${TRIAL(', safe="wait"')}\n${ends.intended}`,
      `${LOOK}\n${ends.intended}`,
      LOOK,
    ];
    const { decisions: found, lines } = await decisions(steps, { files: STAGED });
    assert.deepEqual(
      found.map(({ mode }) => mode),
      ['normal', 'safe', 'safe'],
    );
    assert.deepEqual(looks(lines), [OLD, OLD]);
  });

  it('is undone where its files cannot be moved, and the board starts all the same', async () => {
    const files = { ...STAGED, 'src/new': 'a file where a folder has to be' };
    const { decisions: found, lines } = await decisions(
      [`${TRIAL()}\n${ends.intended}`, LOOK.replace(/,"\/src\/new.*?"/, '')],
      { files },
    );
    assert.equal(found[1]?.mode, 'normal');
    assert.match(`${found[1]?.state.last?.why}`, /^the files could not be moved: OSError/);
    assert.match(looks(lines)[0] ?? '', /"old a", null, "old gone", "old manifest"/);
  });

  it('is undone for the reason that began it, where that is cut short', async () => {
    const first = 'swap(what, trial["go"] != "forward")\n';
    assert.ok(bootPy.includes(first));
    const cut = `if not _exists("/cut"):\n            open("/cut", "w").close()\n            machine.reset()\n        ${first}`;
    const { decisions: found, lines } = await decisions(
      [`${TRIAL()}\n${ends.intended}`, ends.hang, LOOK],
      { files: { ...STAGED, 'boot.py': bootPy.replace(first, cut) } },
    );
    assert.equal(lines.filter((line) => line.startsWith('[reset')).length, 3);
    assert.equal(found[2]?.state.last?.why, 'it ended by a hang');
    assert.deepEqual(looks(lines), [OLD]);
  });

  it('gives the last words of a boot that could not even report its end', async () => {
    const dying = `import boot\nboot.died(SyntaxError("line 7"))\n${ends.unexplained}`;
    const steps = [`${TRIAL()}\n${ends.intended}`, dying, ''];
    const { decisions: found } = await decisions(steps, { files: STAGED });
    assert.equal(found[2]?.state.last?.why, "it ended by a crash: SyntaxError('line 7',)");
  });
});

it('A swap that is cut short after any of its moves is completed by the next, both ways', async () => {
  const files = Object.entries(STAGED).map(([path, text]) => [`/${path}`, text]);
  const { lines } = await decisions(
    [
      `
import boot, os
FILES = ${JSON.stringify(files)}
class Cut(Exception): pass
class Os:
    left = 99
    def __getattr__(self, name): return getattr(os, name)
    def count(self, function, *args):
        if self.left == 0: raise Cut
        self.left -= 1
        return function(*args)
    def rename(self, a, b): return self.count(os.rename, a, b)
    def mkdir(self, a): return self.count(os.mkdir, a)
    def rmdir(self, a): return self.count(os.rmdir, a)
boot.os = cut = Os()
def look():
    return [read(p) for p in ("/src/a.py", "/src/new/b.py", "/src/sub/gone.py", "/release/app/now")]
def after(k, *ways):
    for way in ways[:-1]:
        cut.left = k
        try:
            boot.swap("app", way)
            k = -1
        except Cut: pass
    cut.left = 99
    boot.swap("app", ways[-1])
    return look()
OLD, NEW = look(), None
cuts = 0
for first in range(99):
    found = after(first, True, True)
    NEW = NEW or found
    assert found == NEW, (first, found)
    done = cut.left == 99
    assert after(first, True, False) == OLD
    assert after(99, True) == NEW and after(first, False, False) == OLD
    assert after(99, True) == NEW and after(first, False, True) == NEW and after(99, False) == OLD
    cuts += 4
print("CUTS", cuts, NEW)
os.remove("/release/app/new/0")
boot.swap("app", True)
print("KEPT", read("/src/a.py"))`,
    ],
    { files: STAGED },
  );
  assert.ok(
    lines.some((line) => line.startsWith("CUTS 396 ['new a', 'new b', None, 'new manifest']")),
    lines.join('\n'),
  );
  assert.ok(lines.includes('KEPT old a'), 'a file whose replacement is lost must stay');
});
