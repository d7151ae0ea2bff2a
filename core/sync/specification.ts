import { InvalidInputError } from '../protocol/errors';
import { boardPath } from '../protocol/paths';

/** How a target's files are treated. */
export interface BlockOptions {
  checkOnly: boolean;
  noUpdate: boolean;
  mpy: boolean;
}

export interface SpecifiedSource {
  line: number;
  /** Local, relative to the specification's folder; may hold wildcards. */
  pattern: string;
  /** Another name on the board. */
  rename: string | undefined;
}

export interface Block {
  line: number;
  /** A folder on the board. */
  target: string;
  options: BlockOptions;
  sources: SpecifiedSource[];
}

const OPTIONS: Record<string, keyof BlockOptions> = {
  '--check-only': 'checkOnly',
  '--no-update': 'noUpdate',
  '--mpy': 'mpy',
};

export function specificationError(line: number, sentence: string): InvalidInputError {
  const message = `Line ${line} of the specification: ${sentence}`;
  return new InvalidInputError('SPECIFICATION', 'bad specification', message);
}

export function hasWildcard(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

/**
 * Reads a synchronisation specification, as `docs/sync.md` describes it.
 * @throws InvalidInputError SPECIFICATION, with the number of the line.
 */
export function parseSpecification(text: string): Block[] {
  const blocks: Block[] = [];
  for (const [index, written] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const line = index + 1;
    const said = written.replace(/#.*$/, '').trimEnd();
    if (said === '') continue;
    const words = said.trim().split(/\s+/);
    if (!/^\s/.test(said)) blocks.push(parseTarget(line, words));
    else {
      const block = blocks.at(-1);
      if (!block) throw specificationError(line, 'a source, and no target directory before it.');
      block.sources.push(...parseSources(line, words));
    }
  }
  const empty = blocks.find(({ sources }) => sources.length === 0);
  if (empty) throw specificationError(empty.line, `no sources follow ${empty.target}.`);
  if (blocks.length > 0) return blocks;
  throw new InvalidInputError(
    'SPECIFICATION',
    'empty specification',
    'The specification is empty.',
  );
}

function parseTarget(line: number, [first = '', ...words]: string[]): Block {
  const hint = 'A target is written like "/lib:"; lines with sources begin with white space.';
  if (!first.endsWith(':')) throw specificationError(line, `"${first}" is no target. ${hint}`);
  const options: BlockOptions = { checkOnly: false, noUpdate: false, mpy: false };
  for (const word of words) {
    const option = OPTIONS[word];
    if (option) options[option] = true;
    else {
      const known = Object.keys(OPTIONS).join(', ');
      throw specificationError(line, `"${word}" is none of the options ${known}. ${hint}`);
    }
  }
  return { line, target: targetPath(line, first.slice(0, -1)), options, sources: [] };
}

function targetPath(line: number, path: string): string {
  try {
    return boardPath(path);
  } catch (error) {
    throw specificationError(line, (error as Error).message);
  }
}

function parseSources(line: number, words: string[]): SpecifiedSource[] {
  const [first = ''] = words;
  const folder = first.endsWith(':') ? first.slice(0, -1) : undefined;
  const files = folder === undefined ? words : words.slice(1);
  if (files.length === 0) throw specificationError(line, `no files follow "${first}".`);
  return files.map((word) => {
    const [file = '', rename] = word.split(/->(.*)/);
    if (file === '') throw specificationError(line, `"${word}" names no file.`);
    if (rename !== undefined) checkName(line, word, file, rename);
    const pattern = folder === undefined || folder === '' ? file : `${folder}/${file}`;
    return { line, pattern, rename };
  });
}

function checkName(line: number, word: string, file: string, rename: string): void {
  if (hasWildcard(file)) {
    throw specificationError(line, `"${word}": one name cannot be given to what wildcards match.`);
  }
  if (rename === '' || rename === '.' || rename === '..' || rename.includes('/')) {
    const sentence = `"${word}": behind -> stands a file name; its folder is the target directory.`;
    throw specificationError(line, sentence);
  }
}
