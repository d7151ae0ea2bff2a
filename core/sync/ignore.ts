import picomatch from 'picomatch';

/** What nobody means to have on a board. */
const NEVER_MEANT = [
  '.git',
  '__pycache__',
  '*.pyc',
  '.DS_Store',
  'Thumbs.db',
  '.*.mqb-part',
  '.mqb-*',
];

interface Rule {
  ignores: boolean;
  foldersOnly: boolean;
  matches: (path: string) => boolean;
}

/**
 * Decides what a sync leaves alone, on both sides. The last pattern that matches decides; one that begins
 * with `!` takes back what those before it have said. What is in an ignored folder is ignored with it.
 */
export class Ignore {
  private readonly rules: Rule[];
  private readonly own: Rule[];

  constructor(patterns: string[] = []) {
    this.own = patterns.filter((pattern) => pattern.trim() !== '').map(rule);
    this.rules = [...NEVER_MEANT.map(rule), ...this.own];
  }

  /** `path` is relative to the folder that is synchronised, with slashes. */
  ignores(path: string, isFolder: boolean): boolean {
    return anyOnTheWay(path, isFolder, (...part) => decide(this.rules, ...part) === true);
  }

  /** Whether the caller has taken the path, or a folder above it, back expressly: by a `!`. */
  takesBack(path: string, isFolder: boolean): boolean {
    return anyOnTheWay(path, isFolder, (...part) => decide(this.own, ...part) === false);
  }
}

/** Tells whether a path, or a folder above it, is one of those that the patterns mean; without patterns all are. */
export function namedBy(patterns: string[] = []): (path: string) => boolean {
  const rules = patterns.filter((pattern) => pattern.trim() !== '').map(rule);
  if (rules.length === 0) return () => true;
  return (path) => anyOnTheWay(path, false, (...part) => decide(rules, ...part) === true);
}

function rule(pattern: string): Rule {
  const ignores = !pattern.startsWith('!');
  const glob = ignores ? pattern : pattern.slice(1);
  const foldersOnly = glob.endsWith('/');
  const path = glob.replace(/\/+$/, '');
  // Only a pattern without a slash holds for a name in any folder: `/a.py` is the one at the top.
  const options = { basename: !path.includes('/'), dot: true, nonegate: true };
  return { ignores, foldersOnly, matches: picomatch(path.replace(/^\//, ''), options) };
}

/** Whether something holds for a path or for one of the folders above it. */
function anyOnTheWay(
  path: string,
  isFolder: boolean,
  holds: (part: string, isFolder: boolean) => boolean,
): boolean {
  const names = path.split('/');
  return names.some((_, index) => {
    const isWhole = index === names.length - 1;
    return holds(names.slice(0, index + 1).join('/'), !isWhole || isFolder);
  });
}

/** What the last matching rule says; undefined when none does. */
function decide(rules: Rule[], path: string, isFolder: boolean): boolean | undefined {
  const last = rules.findLast((rule) => (isFolder || !rule.foldersOnly) && rule.matches(path));
  return last?.ignores;
}
