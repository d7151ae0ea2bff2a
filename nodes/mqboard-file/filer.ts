import type { Node, NodeAPI } from 'node-red';
import type { Message, Turn, Work } from '../shared/board-worker';
import { LocalFiles } from '../shared/local-files';
import { withResult } from '../shared/property';
import type { ServerNode } from '../shared/server-node';
import { shortTime } from '../shared/short-texts';
import { type Words, wordsOf } from '../shared/words';
import { type FileJob, JobReader } from './job';
import { type Outcome, shownList } from './outcome';
import { Progress } from './progress';
import type { Scene } from './scene';
import type { FileSettings } from './settings';
import { sync } from './sync';
import { get, put } from './transfers';

/** What an `mqboard-file` node does with its messages. */
export class Filer implements Work<FileJob> {
  /** A flow may ask for all files of a board at once, with a split node. */
  readonly longestQueue = 1000;
  private readonly reader: JobReader;
  private readonly files: LocalFiles;
  private readonly words: Words;

  constructor(
    private readonly RED: NodeAPI,
    node: Node,
    private readonly settings: FileSettings,
  ) {
    this.reader = new JobReader(RED, node, settings);
    this.files = new LocalFiles(settings.root, RED.settings.userDir ?? '');
    this.words = wordsOf(RED, node.type);
  }

  read(msg: Message, server: ServerNode): Promise<FileJob> {
    return this.reader.read(msg, server);
  }

  async run(job: FileJob, turn: Turn): Promise<{ msg: Message; shown: string }> {
    const begun = performance.now();
    const { settings, files, words } = this;
    const progress = new Progress(turn, settings.progress);
    const scene = { turn, settings, limitMs: job.limitMs, progress, files, words };
    const { result, report, shown } = await perform(job, scene);
    const elapsedMs = Math.round((performance.now() - begun) * 10) / 10;
    const mqboard = { action: job.ask.action, ...report, elapsedMs };
    const msg = { ...turn.msg, board: turn.name, mqboard };
    return {
      msg: withResult(this.RED, msg, settings.result, result),
      shown: shown ?? shortTime(elapsedMs),
    };
  }
}

async function perform({ ask }: FileJob, scene: Scene): Promise<Outcome> {
  const { turn, settings, limitMs, words } = scene;
  const { board } = turn;
  const options = { timeoutMs: limitMs, signal: turn.signal };
  switch (ask.action) {
    case 'put':
      return put(ask, scene);
    case 'get':
      return get(ask, scene);
    case 'sync':
      return sync(ask, scene);
    case 'list': {
      const { recursive, hashes } = settings;
      const result = await board.list(ask.path, { ...options, recursive, hash: hashes });
      const entries = result.length;
      return { result, report: { path: ask.path, entries }, shown: shownList(entries, words) };
    }
    case 'stat': {
      const result = await board.stat(ask.path, options);
      return { result, report: result };
    }
    case 'hash': {
      const result = await board.hash(ask.path, options);
      return { result, report: result };
    }
    case 'mkdir': {
      await board.mkdir(ask.path, { ...options, parents: settings.parents });
      const result = { path: ask.path };
      return { result, report: result };
    }
    case 'remove': {
      const removed = await board.remove(ask.path, { ...options, what: settings.what });
      const result = { path: ask.path, removed };
      return { result, report: result };
    }
    case 'rename': {
      await board.rename(ask.path, ask.to, options);
      const result = { path: ask.path, to: ask.to };
      return { result, report: result };
    }
  }
}
