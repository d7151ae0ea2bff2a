import assert from 'node:assert/strict';
import type { Board, Release } from '../../core/index';
import { appImage } from '../../simulator';
import { sha256 } from './contents';
import { onceBack } from './power-sweep';
import { application, type Updatable } from './updated-board';

/** What a board runs, as code on it finds it in one moment. */
export interface Running {
  mode: string;
  /** Of the application; null where it is not started. */
  version: string | null;
  mark: string;
  /** SHA-256 of the files of application and configuration, by their paths. */
  files: Record<string, string>;
  /** SHA-256 of the image in the running partition; empty on a chip without partitions. */
  image: string;
}

export const IMAGES = [
  appImage({ version: '1.0.0' }),
  appImage({ version: '2.0.0', seed: 2 }),
] as const;

const LOOK = `
import binascii, hashlib, json, os, sys
import __main__

def sha(path):
    with open(path, "rb") as file:
        return binascii.hexlify(hashlib.sha256(file.read()).digest()).decode()

def below(folder):
    found = {}
    try:
        entries = list(os.ilistdir(folder))
    except OSError:
        return found
    for entry in entries:
        path = folder + "/" + entry[0]
        if entry[1] == 0x4000:
            found.update(below(path))
        else:
            found[path] = sha(path)
    return found

def image():
    try:
        import esp32
    except ImportError:
        return ""
    running = esp32.Partition(esp32.Partition.RUNNING)
    hash = hashlib.sha256()
    piece = bytearray(4096)
    left = ${IMAGES[0].length}
    for n in range((left + 4095) // 4096):
        running.readblocks(n, piece)
        hash.update(memoryview(piece)[: min(left, 4096)])
        left -= 4096
    return binascii.hexlify(hash.digest()).decode()

files = below("/src")
files["/board_config.py"] = sha("/board_config.py")
print(json.dumps({
    "mode": __main__.mode,
    "version": getattr(sys.modules.get("shed"), "version", None),
    "mark": sys.modules["board_config"].mark,
    "files": files,
    "image": image(),
}))
`;

export async function look(board: Board): Promise<Running> {
  const { output } = await onceBack(() => board.eval(LOOK));
  return JSON.parse(output);
}

/** Until the host knows the boot that runs: what it has may be of another one, which the broker had retained. */
export async function known(board: Board): Promise<void> {
  for (;;) {
    const { value } = await onceBack(() => board.eval('__import__("boot_id").number'));
    if ((await onceBack(() => board.describe()))?.boot === value) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Something that is done to a board, in the middle of which its power may fail. */
export interface Scene {
  /** The flash that it begins with, see `prepareFlashes`. */
  from: 'first' | 'second';
  act(board: Board, signal: AbortSignal): Promise<unknown>;
  /** Does what is still to be done after a power cut. */
  finish(board: Board): Promise<unknown>;
  /** Fails unless what runs is what ran before or what was to come, as a whole. */
  check(running: Running): void;
  /** Fails unless it is what was to come of it in the end. */
  checkEnd(running: Running): void;
}

export const sceneNames = [
  'a release update',
  'an update that is undone',
  'a rollback',
  'a configuration change',
  'a firmware update',
  'an entry to safe mode, and the way back',
] as const;
export type SceneName = (typeof sceneNames)[number];

/** What the scenes need of a board, before. */
export async function prepareFlashes(flashes: {
  prepare(name: string, work: (made: Updatable) => Promise<unknown>, from?: string): Promise<void>;
}): Promise<void> {
  await flashes.prepare('first', async ({ board }) => board.deploy(await application('1.1')));
  const second = async ({ board }: Updatable) => board.deploy(await application('1.2'));
  await flashes.prepare('second', second, 'first');
}

/** The scenes, for a board with a configuration like this. */
export async function scenesOf(config: Release): Promise<Record<SceneName, Scene>> {
  const [one, two, three] = await Promise.all([
    application('1.1'),
    application('1.2'),
    application('1.3', { 'shed.py': 'version = "1.3"\n\ndef start(mqtt, config):\n    0 / 0\n' }),
  ]);
  const isApp = (release: Release) => (running: Running) => {
    assert.ok(
      [release.manifest.version, null].includes(running.version),
      `runs ${running.version}`,
    );
    assert.deepEqual(appFiles(running), filesOf(release));
  };
  const either =
    (...checks: Array<(running: Running) => void>) =>
    (running: Running) => {
      const failed = checks.map((check) => failure(() => check(running)));
      if (failed.every(Boolean))
        throw new Error(failed.map((error) => error?.message).join('\nnor\n'));
    };
  const runs = (release: Release) => (running: Running) => {
    assert.equal(running.mode, 'normal');
    assert.equal(running.version, release.manifest.version);
    isApp(release)(running);
  };
  const hasConfig = (hash: string, mark: string) => (running: Running) => {
    assert.equal(running.files['/board_config.py'], hash);
    assert.equal(running.mark, mark);
  };
  const newConfig = hasConfig(config.manifest.files[0]?.sha256 ?? '', config.manifest.version);
  const hasImage =
    (image: Buffer) =>
    ({ image: running }: Running) =>
      assert.equal(running, sha256(image));
  const isIn =
    (...modes: string[]) =>
    ({ mode }: Running) =>
      assert.ok(modes.includes(mode), mode);
  return {
    'a release update': {
      from: 'first',
      act: (board, signal) => board.deploy(two, { signal }),
      finish: (board) => onceBack(() => board.deploy(two)),
      check: either(isApp(one), isApp(two)),
      checkEnd: runs(two),
    },
    'an update that is undone': {
      from: 'second',
      act: (board, signal) => board.deploy(three, { signal }),
      finish: async (board) =>
        assert.equal((await onceBack(() => board.deploy(three))).outcome, 'rolled-back'),
      check: either(isApp(two), isApp(three)),
      checkEnd: runs(two),
    },
    'a rollback': {
      from: 'second',
      act: (board, signal) => board.rollback('app', { signal }),
      finish: async (board) => {
        await settled(board);
        if ((await look(board)).version === '1.2') await onceBack(() => board.rollback('app'));
      },
      check: either(isApp(one), isApp(two)),
      checkEnd: runs(one),
    },
    'a configuration change': {
      from: 'first',
      act: (board, signal) => board.deploy(config, { signal }),
      finish: (board) => onceBack(() => board.deploy(config)),
      check: (running) => {
        if (running.mark === 'first')
          assert.notEqual(running.files['/board_config.py'], config.manifest.files[0]?.sha256);
        else newConfig(running);
        isApp(one)(running);
      },
      checkEnd: newConfig,
    },
    'a firmware update': {
      from: 'first',
      act: (board, signal) => board.flash(IMAGES[1], { signal }),
      finish: async (board) => {
        const flash = () => onceBack(() => board.flash(IMAGES[1]));
        const { outcome, reason = '' } = await flash();
        // A power cut during the trial ends it: the chip's own boot loader goes back then.
        if (outcome === 'rolled-back' && /boot loader/.test(reason)) await flash();
      },
      check: either(hasImage(IMAGES[0]), hasImage(IMAGES[1])),
      checkEnd: hasImage(IMAGES[1]),
    },
    'an entry to safe mode, and the way back': {
      from: 'first',
      act: async (board, signal) => {
        await board.reset('safe', { wait: true, signal });
        await board.reset('normal', { wait: true, signal });
      },
      finish: async (board) => {
        await onceBack(() => board.reset('safe', { wait: true }));
        isIn('safe')(await look(board));
        await onceBack(() => board.reset('normal', { wait: true }));
      },
      check: isIn('normal', 'safe'),
      checkEnd: runs(one),
    },
  };
}

/** Until nothing is on trial. */
async function settled(board: Board): Promise<void> {
  while ((await onceBack(() => board.describe()))?.update?.state === 'trial') {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function failure(check: () => void): Error | undefined {
  try {
    check();
  } catch (error) {
    return error as Error;
  }
}

function filesOf({ manifest }: Release): Record<string, string> {
  return Object.fromEntries(manifest.files.map(({ path, sha256 }) => [path, sha256]));
}

function appFiles({ files }: Running): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([path]) => path.startsWith('/src/')));
}
