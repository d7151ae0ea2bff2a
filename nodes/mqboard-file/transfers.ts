import { type GetResult, getToFile, readLocalFile, type TransferProgress } from '../../core/index';
import { fromContent } from '../shared/content';
import type { Ask } from './job';
import { type Outcome, shownTransfer } from './outcome';
import type { Scene } from './scene';

type Asked<A extends Ask['action']> = Extract<Ask, { action: A }>;

function options({ limitMs, turn, progress }: Scene, path: string) {
  const onProgress = (now: TransferProgress) => progress.report(path, now);
  return { timeoutMs: limitMs, signal: turn.signal, onProgress };
}

export async function put({ path, content }: Asked<'put'>, scene: Scene): Promise<Outcome> {
  const { turn, settings, files, progress, words } = scene;
  const data = Buffer.isBuffer(content)
    ? content
    : await readLocalFile(await files.find(content.local, { board: turn.name, path }));
  const { parents, compress } = settings;
  const { elapsedMs, ...result } = await turn.board.put(path, data, {
    ...options(scene, path),
    parents,
    compress,
  });
  progress.end(path, result.size);
  const shown = result.unchanged
    ? words('status.unchanged', 'unchanged')
    : shownTransfer(result.size, elapsedMs);
  return { result, report: result, shown };
}

export async function get({ path, into }: Asked<'get'>, scene: Scene): Promise<Outcome> {
  const { turn, files, progress } = scene;
  let got: GetResult;
  let local: string | undefined;
  if (typeof into === 'object') {
    local = await files.find(into.local, { board: turn.name, path });
    got = await getToFile(turn.board, path, local, { ...options(scene, path), parents: true });
  } else {
    got = await turn.board.get(path, options(scene, path));
  }
  const { data, elapsedMs, ...report } = got;
  progress.end(path, report.size);
  const shown = shownTransfer(report.size, elapsedMs);
  if (typeof into === 'object') return { result: local, report: { ...report, local }, shown };
  return { result: fromContent(data ?? Buffer.alloc(0), into, path), report, shown };
}
