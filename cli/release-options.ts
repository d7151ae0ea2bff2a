import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Argv } from 'yargs';
import {
  type Board,
  BoardFileError,
  buildRelease,
  type FileOptions,
  frameworkRelease,
  type Needs,
  type Release,
  readLocal,
  SLOTS,
  unpackRelease,
} from '../core/index';
import { usageError } from './broker-options';

/** How a folder becomes a release. */
const options = {
  slot: { choices: SLOTS, describe: 'What it is; if missing: app' },
  name: { type: 'string', requiresArg: true, describe: 'Its name; if missing: the folder’s' },
  'release-version': {
    type: 'string',
    requiresArg: true,
    describe: 'Its version; if missing it is made of the contents: the same files have the same',
  },
  to: {
    type: 'string',
    requiresArg: true,
    describe: 'Folder on the board; if missing: /src for an app, else /',
  },
  mpy: {
    type: 'boolean',
    describe: 'Send Python compiled; --framework if missing: as the board has it',
  },
  partial: {
    type: 'boolean',
    default: false,
    describe: 'Leave what the release before had, and this one has not',
  },
  ignore: {
    type: 'string',
    requiresArg: true,
    describe: 'Pattern of what is left out; repeated for more; !pattern takes back',
  },
  needs: {
    type: 'string',
    requiresArg: true,
    describe: 'What a board must have: fw=0.2.0, mpy=1.24 or kind=devkit; repeated for more',
  },
  framework: {
    type: 'boolean',
    default: false,
    describe: 'In place of a folder: the framework that this mqboard came with',
  },
} as const;

export interface ReleaseArguments {
  source?: string | undefined;
  slot?: (typeof SLOTS)[number] | undefined;
  name?: string | undefined;
  releaseVersion?: string | undefined;
  to?: string | undefined;
  mpy?: boolean | undefined;
  partial: boolean;
  ignore?: string | string[] | undefined;
  needs?: string | string[] | undefined;
  framework: boolean;
}

export function withReleaseOptions<T>(yargs: Argv<T>): Argv<T & ReleaseArguments> {
  return yargs
    .positional('source', { type: 'string', describe: 'A folder, or what release build made' })
    .options(options) as unknown as Argv<T & ReleaseArguments>;
}

/**
 * The release that is meant.
 * @throws InvalidInputError; LocalFileError
 */
export async function releaseFrom(args: ReleaseArguments): Promise<Release> {
  const { source, framework } = args;
  if (framework) {
    if (source !== undefined) throw usageError('Give a folder or --framework, not both.');
    refuse(OF_FOLDERS, args, 'the framework is what it is');
    return frameworkRelease({ bytecode: args.mpy ?? false });
  }
  if (source === undefined)
    throw usageError('What shall be released? Give a folder, or --framework.');
  const found = await stat(source).catch(() => undefined);
  if (found && !found.isDirectory()) {
    refuse([...OF_FOLDERS, 'mpy'], args, `${source} is a release already`);
    return unpackRelease(await readLocal(source));
  }
  const { slot = 'app', releaseVersion, to, mpy, partial, ignore } = args;
  const needs = needsFrom([args.needs ?? []].flat());
  return buildRelease({
    slot,
    name: args.name ?? basename(resolve(source)),
    folder: source,
    bytecode: mpy ?? false,
    partial,
    exclude: [ignore ?? []].flat(),
    ...(needs && { needs }),
    ...(releaseVersion !== undefined && { version: releaseVersion }),
    ...(to !== undefined && { to }),
  });
}

/** What says how a folder becomes a release, and nothing else. */
const OF_FOLDERS = ['slot', 'name', 'releaseVersion', 'to', 'partial', 'ignore', 'needs'] as const;

/** What is asked for and cannot be had must not be passed over. */
function refuse(
  names: ReadonlyArray<(typeof OF_FOLDERS)[number] | 'mpy'>,
  args: ReleaseArguments,
  why: string,
): void {
  const given = names.find((name) => args[name] !== undefined && args[name] !== false);
  if (given === undefined) return;
  const option = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw usageError(`--${option} goes with a folder: ${why}.`);
}

/** A file of the framework on a board that has it compiled. */
const COMPILED = '/lib/mqtt.mpy';

/** The framework as a board has it, source or compiled: the other would take twice the room. */
export async function frameworkAsOn(board: Board, options: FileOptions): Promise<Release> {
  let bytecode = true;
  try {
    await board.stat(COMPILED, options);
  } catch (error) {
    if (!(error instanceof BoardFileError)) throw error;
    bytecode = false;
  }
  return frameworkRelease({ bytecode });
}

function needsFrom(given: string[]): Needs | undefined {
  const needs: { mpy?: string; fw?: string; kind?: string[] } = {};
  for (const text of given) {
    const [, key, value = ''] = /^(mpy|fw|kind)=(.+)$/.exec(text) ?? [];
    if (key === 'mpy' || key === 'fw') needs[key] = value;
    else if (key === 'kind') needs.kind = [...(needs.kind ?? []), value];
    else throw usageError(`--needs is "${text}". It is fw=, mpy= or kind=, and what is needed.`);
  }
  return given.length > 0 ? needs : undefined;
}
