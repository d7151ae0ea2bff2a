import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { frameworkRelease, LocalFileError, systemWords } from '../core/index';
import { packageRoot } from '../core/release/package-root';
import { type FirstConfig, firstConfig, firstSecrets, stillMissing } from './first-config';

const CONFIG = 'board_config.py';
const SECRETS = 'board_secrets.py';

/** What a folder for a new board got. */
export interface FirstFiles {
  /** Names within the folder, as they go onto the board. */
  files: string[];
  /** Of these, what was there before and was left alone. */
  kept: string[];
  /** What somebody has to fill in or add yet, in words. */
  missing: string[];
}

const NO_AUTHORITY =
  'ca.pem, the certificate authority of the broker: run it again with --ca, or the board connects to nobody';

/**
 * Writes what a new board needs into a folder: the framework, and a configuration of its own. The framework's files are
 * replaced; a configuration that is there stays, unless `force` says otherwise.
 * @throws LocalFileError; InvalidInputError
 */
export async function writeFirstFiles(
  folder: string,
  config: FirstConfig,
  { force, mpy }: { force: boolean; mpy: boolean },
): Promise<FirstFiles> {
  const firmware = join(packageRoot(), 'firmware');
  const template = (name: string) => readFile(join(firmware, name), 'utf8');
  const made: Array<[name: string, content: string | Buffer]> = [
    [CONFIG, firstConfig(await template(CONFIG), config)],
    [SECRETS, firstSecrets(await template(SECRETS), config)],
  ];
  if (config.broker.tls?.ca) made.push(['ca.pem', `${config.broker.tls.ca}`]);
  const done: FirstFiles = { files: [], kept: [], missing: [] };
  try {
    await write(folder, 'boot.py', await readFile(join(firmware, 'boot.py')), 'w');
    done.files.push('boot.py');
    const { manifest, contents } = await frameworkRelease({ bytecode: mpy });
    for (const [index, { path }] of manifest.files.entries()) {
      const name = path.slice(1);
      await write(folder, name, contents[index] ?? '', 'w');
      // Of source and bytecode side by side a board would take the source, however old.
      await rm(join(folder, twinOf(name)), { force: true });
      done.files.push(name);
    }
    for (const [name, content] of made) {
      const isNew = await write(folder, name, content, force ? 'w' : 'wx');
      if (!isNew) done.kept.push(name);
      done.files.push(name);
    }
    if (await lacksAuthority(folder)) {
      done.missing.push(NO_AUTHORITY);
    }
    done.missing.push(...stillMissing(await readFile(join(folder, SECRETS), 'utf8')));
    // A folder may well be on a machine that others use, too.
    await chmod(join(folder, SECRETS), 0o600);
  } catch (error) {
    throw new LocalFileError(`The board's files cannot be written: ${systemWords(error)}.`);
  }
  return done;
}

function twinOf(name: string): string {
  return name.endsWith('.mpy') ? name.replace(/mpy$/, 'py') : name.replace(/py$/, 'mpy');
}

/** Whether a board with this configuration wants the certificate authority, and it is not there. */
async function lacksAuthority(folder: string): Promise<boolean> {
  const config = await readFile(join(folder, CONFIG), 'utf8');
  return config.includes('"ca": "/ca.pem"') && !existsSync(join(folder, 'ca.pem'));
}

/** Returns false where there is such a file and `flag` is `wx`. */
async function write(
  folder: string,
  name: string,
  content: string | Buffer,
  flag: 'w' | 'wx',
): Promise<boolean> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(path, content, { flag, mode: name === SECRETS ? 0o600 : 0o666 });
    return true;
  } catch (error) {
    if (flag === 'wx' && (error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
