import { dirname } from 'node:path';
import { readLocalFile, type SyncSource, syncBoard } from '../../core/index';
import type { Ask } from './job';
import { type Outcome, shownSync } from './outcome';
import type { Scene } from './scene';

type AskedSync = Extract<Ask, { action: 'sync' }>;

export async function sync(ask: AskedSync, scene: Scene): Promise<Outcome> {
  const { turn, settings, limitMs, progress, files, words } = scene;
  const { dryRun, extra, mpy } = settings;
  const report = await syncBoard(turn.board, await source(ask, scene), {
    dryRun,
    // A specification cannot tell what is extra; the dialog does not show the choice then.
    delete: extra && 'target' in ask.from,
    mpy,
    ignore: lines(settings.ignore),
    timeoutMs: limitMs,
    signal: turn.signal,
    root: files.root,
    onProgress: (now) => progress.report(now.path, now),
  });
  if (!dryRun) progress.end(report.target, report.bytes);
  const result = { ...report, elapsedMs: Math.round(report.elapsedMs * 10) / 10 };
  return { result, report: result, shown: shownSync(report, words) };
}

async function source(ask: AskedSync, { turn, files }: Scene): Promise<SyncSource> {
  const names = { board: turn.name, path: ask.path };
  const { from } = ask;
  if ('files' in from) return { kind: 'list', ...from };
  if ('local' in from) {
    const folder = await files.find(from.local, names);
    return { kind: 'folder', folder, target: from.target };
  }
  if ('text' in from) {
    const folder = await files.find(from.folder.local, names);
    return { kind: 'specification', text: from.text, folder };
  }
  const file = await files.find(from.specification.local, names);
  const text = (await readLocalFile(file)).toString();
  return { kind: 'specification', text, folder: dirname(file) };
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
