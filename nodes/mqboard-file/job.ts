import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import { boardPath, InvalidInputError } from '../../core/index';
import { kind, readBoardNames } from '../shared/board-names';
import type { BoardJob } from '../shared/board-worker';
import { asContent, asFiles, asText, type ListedFile } from '../shared/content';
import { typedValue } from '../shared/property';
import type { ServerNode } from '../shared/server-node';
import { timeoutMs } from '../shared/server-settings';
import { ACTIONS, type Action, type FileSettings } from './settings';

/** A local path with its placeholders still in it: each board fills in its own. */
export interface Local {
  local: string;
}

/** What one message asks for. */
export type Ask =
  | { action: 'put'; path: string; content: Buffer | Local }
  | { action: 'get'; path: string; into: 'buffer' | 'text' | 'json' | Local }
  | { action: 'list' | 'stat' | 'hash' | 'mkdir' | 'remove'; path: string }
  | { action: 'rename'; path: string; to: string }
  | { action: 'sync'; path?: string; from: Source };

/** What `sync` brings a board into step with. */
export type Source =
  | { target: string; files: ListedFile[] }
  | ({ target: string } & Local)
  | Specification;

/** Its text, or the file that holds it; what it names is relative to `folder`, or to the file's. */
export type Specification = { text: string; folder: Local } | { specification: Local };

export type FileJob = BoardJob & { limitMs: number; ask: Ask };

/** Without a setting of its own; of these it is the time without progress, or a sign of life. */
const PATIENCE_MS = 60_000;
const PATIENT: Action[] = ['put', 'get', 'list', 'hash', 'sync'];

/** Reads what a message asks of an `mqboard-file` node. */
export class JobReader {
  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly settings: FileSettings,
  ) {}

  /** @throws InvalidInputError that names the setting and says what was found instead. */
  async read(msg: NodeMessageInFlow, server: ServerNode): Promise<FileJob> {
    const { RED, node, settings } = this;
    const names = await readBoardNames(RED, node, settings, msg);
    const action = this.action(msg);
    const usual = PATIENT.includes(action) ? PATIENCE_MS : server.timeoutMs;
    const limitMs = timeoutMs(settings.timeout, usual);
    const ask = await this.ask(action, msg);
    if (ask.action === 'get' && typeof ask.into === 'object' && names.boards.length > 1) {
      checkEachHasItsOwn(ask.into.local);
    }
    return { ...names, limitMs, ask, ...(ask.path !== undefined && { path: ask.path }) };
  }

  private action(msg: NodeMessageInFlow): Action {
    const fixed = this.settings.action;
    const given = fixed === 'msg' ? (msg as { action?: unknown }).action : fixed;
    const action = ACTIONS.find((name) => name === given);
    if (action) return action;
    const where = fixed === 'msg' ? 'msg.action' : 'The field "Action"';
    const found = typeof given === 'string' ? `"${given}"` : kind(given);
    throw new InvalidInputError(
      'BAD_ACTION',
      'bad action',
      `${where} must be one of ${ACTIONS.join(', ')}; it is ${found}.`,
    );
  }

  private async ask(action: Action, msg: NodeMessageInFlow): Promise<Ask> {
    if (action === 'sync') return this.sync(msg);
    const path = await this.path('path', msg);
    if (action === 'put') {
      const fromFile = this.settings.putFrom === 'file';
      return { action, path, content: fromFile ? await this.local(msg) : await this.content(msg) };
    }
    if (action === 'get') {
      const { into } = this.settings;
      return { action, path, into: into === 'file' ? await this.local(msg) : into };
    }
    if (action === 'rename') return { action, path, to: await this.path('to', msg) };
    return { action, path };
  }

  private async sync(msg: NodeMessageInFlow): Promise<Ask> {
    const action = 'sync';
    const { syncFrom, content, contentType, local } = this.settings;
    const where = shown(contentType, content, 'Content');
    if (syncFrom === 'specificationFile') {
      return { action, from: { specification: await this.local(msg) } };
    }
    if (syncFrom === 'specification') {
      const text = asText(await this.value('content', msg), where);
      return { action, from: { text, folder: local ? await this.local(msg) : { local: '.' } } };
    }
    const path = await this.path('path', msg);
    const from =
      syncFrom === 'folder'
        ? { target: path, ...(await this.local(msg)) }
        : { target: path, files: asFiles(await this.value('content', msg), where) };
    return { action, path, from };
  }

  private async path(name: 'path' | 'to', msg: NodeMessageInFlow): Promise<string> {
    const label = name === 'path' ? 'Path on board' : 'New path';
    const where = shown(this.settings[`${name}Type`], this.settings[name], label);
    const value = await this.value(name, msg);
    if (typeof value === 'string' && value !== '') return boardPath(value);
    const found = value === '' ? 'empty' : kind(value);
    const sentence = `${where} must be a path on the board, like /lib/a.py; it is ${found}.`;
    throw new InvalidInputError('NO_PATH', 'no path', sentence);
  }

  private async content(msg: NodeMessageInFlow): Promise<Buffer> {
    const { content, contentType } = this.settings;
    return asContent(await this.value('content', msg), shown(contentType, content, 'Content'));
  }

  private async local(msg: NodeMessageInFlow): Promise<Local> {
    const local = await this.value('local', msg);
    if (typeof local === 'string' && local !== '') return { local };
    const where = shown(this.settings.localType, this.settings.local, 'Local path');
    const found = local === '' ? 'empty' : kind(local);
    const sentence = `${where} must be the path of a local file or folder; it is ${found}.`;
    throw new InvalidInputError('NO_LOCAL_PATH', 'no local path', sentence);
  }

  private value(
    name: 'path' | 'to' | 'content' | 'local',
    msg: NodeMessageInFlow,
  ): Promise<unknown> {
    const { settings } = this;
    return typedValue(this.RED, this.node, settings[`${name}Type`], settings[name], msg);
  }
}

/** How a message to the user names a typed input. */
function shown(type: string, value: string, label: string): string {
  return ['msg', 'flow', 'global', 'env'].includes(type)
    ? `${type}.${value}`
    : `The field "${label}"`;
}

function checkEachHasItsOwn(local: string): void {
  if (local.includes('{board}')) return;
  throw new InvalidInputError(
    'SAME_LOCAL_FILE',
    'needs {board}',
    `Several boards would write into the same local file, "${local}". Put {board} into its path: it ` +
      'stands for the name of the board.',
  );
}
