import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import {
  buildRelease,
  frameworkRelease,
  InvalidInputError,
  type Needs,
  type Release,
  type ReleaseOptions,
  type RolloutContent,
  readLocalFile,
  unpackRelease,
} from '../../core/index';
import { kind } from '../shared/board-names';
import { asFiles } from '../shared/content';
import type { LocalFiles } from '../shared/local-files';
import { typedValue } from '../shared/property';
import { download } from './download';
import { KINDS, type Kind, type OtaSettings } from './settings';

/** Where the contents were found. */
type Found =
  | { data: Buffer; name: string }
  | { folder: string }
  | { files: NonNullable<ReleaseOptions['files']> };

function bad(code: string, badge: string, sentence: string): InvalidInputError {
  return new InvalidInputError(code, badge, sentence);
}

/** Reads what a message wants boards to get. */
export class CargoReader {
  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly settings: OtaSettings,
    private readonly files: LocalFiles,
  ) {}

  /** @throws InvalidInputError that names the setting; LocalFileError. */
  async read(msg: NodeMessageInFlow, signal: AbortSignal): Promise<RolloutContent> {
    const what = this.what(msg);
    if (what === 'framework') return { release: await frameworkRelease() };
    const version = await this.version(msg);
    const found = await this.find(what, msg, signal);
    if (what === 'image') {
      const image = bytes(found, 'A firmware image');
      return { image, ...(version !== undefined && { version }) };
    }
    if (what === 'release') return { release: unpackRelease(bytes(found, 'A release')) };
    return { release: await this.build(what, found, version, msg, signal) };
  }

  private what(msg: NodeMessageInFlow): Kind {
    const fixed = this.settings.what;
    const given = fixed === 'msg' ? (msg as { what?: unknown }).what : fixed;
    const what = KINDS.find((name) => name === given);
    if (what) return what;
    const found = typeof given === 'string' ? `"${given}"` : kind(given);
    const sentence = `msg.what must be one of ${KINDS.join(', ')}; it is ${found}.`;
    throw bad('BAD_WHAT', 'bad msg.what', sentence);
  }

  private async build(
    slot: 'app' | 'config',
    found: Found,
    version: string | undefined,
    msg: NodeMessageInFlow,
    signal: AbortSignal,
  ): Promise<Release> {
    const { settings } = this;
    const to = settings.to.trim();
    const needs = await this.needs(msg);
    const from = 'data' in found ? { files: [{ path: found.name, data: found.data }] } : found;
    return buildRelease({
      ...from,
      slot,
      name: settings.release.trim() || ('folder' in found ? basename(found.folder) : slot),
      exclude: lines(settings.ignore),
      bytecode: settings.mpy,
      partial: settings.partial,
      signal,
      ...(version !== undefined && { version }),
      ...(to !== '' && { to }),
      ...(needs && { needs }),
    });
  }

  private async find(what: Kind, msg: NodeMessageInFlow, signal: AbortSignal): Promise<Found> {
    const { from, contentType, content } = this.settings;
    if (from === 'url') {
      const address = await this.text('url', 'Address', msg);
      const data = await download(address, signal);
      return { data, name: basename(new URL(address).pathname) };
    }
    if (from === 'file') {
      const local = await this.text('local', 'Local path', msg);
      const path = await this.files.find(local, { board: '', path: '' });
      // What is not there is told by who reads it.
      const found = await stat(path).catch(() => undefined);
      if (found?.isDirectory() && (what === 'app' || what === 'config')) return { folder: path };
      return { data: await readLocalFile(path), name: basename(path) };
    }
    const value = await this.value('content', msg);
    const where = `${contentType}.${content}`;
    if (what === 'app' || what === 'config') {
      const files = asFiles(value, where);
      return { files: files.map(({ path, content: data }) => ({ path, data })) };
    }
    if (value instanceof Uint8Array) return { data: Buffer.from(value), name: '' };
    throw bad('NO_CONTENT', 'no content', `${where} must be a Buffer; it is ${kind(value)}.`);
  }

  private async version(msg: NodeMessageInFlow): Promise<string | undefined> {
    const version = await this.value('version', msg);
    if (version === undefined || version === null || version === '') return undefined;
    if (typeof version === 'string' || typeof version === 'number') return `${version}`;
    throw bad('BAD_VERSION', 'bad version', `The version must be a text, not ${kind(version)}.`);
  }

  private async needs(msg: NodeMessageInFlow): Promise<Needs | undefined> {
    if (this.settings.needs.trim() === '') return undefined;
    const needs = await this.value('needs', msg);
    if (needs === undefined || needs === null) return undefined;
    if (typeof needs === 'object' && !Array.isArray(needs)) return needs;
    const sentence = `"Needs" must be an object like {"mpy": "1.24", "kind": "gate"}, not ${kind(needs)}.`;
    throw bad('BAD_NEEDS', 'bad needs', sentence);
  }

  private async text(name: 'url' | 'local', label: string, msg: NodeMessageInFlow) {
    const value = await this.value(name, msg);
    if (typeof value === 'string' && value !== '') return value;
    const found = value === '' ? 'empty' : kind(value);
    throw bad(
      'NO_SOURCE',
      'no source',
      `The field "${label}" must lead to a text; it is ${found}.`,
    );
  }

  private value(
    name: 'content' | 'local' | 'url' | 'version' | 'needs',
    msg: NodeMessageInFlow,
  ): Promise<unknown> {
    const { settings } = this;
    return typedValue(this.RED, this.node, settings[`${name}Type`], settings[name], msg);
  }
}

function bytes(found: Found, label: string): Buffer {
  if ('data' in found) return found.data;
  throw bad('NO_CONTENT', 'no content', `${label} is one file, not a folder and not a list.`);
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
