import { createHash } from 'node:crypto';
import type { UpdateOptions, UpdateResult } from '../../board/updates/types';
import { parseImageHeader } from '../../protocol/image-header';
import type { BoardInfo } from '../../protocol/info';
import { parseManifest } from '../../protocol/manifest';
import type { Release } from '../../protocol/release';
import type { UpdateTarget } from '../../protocol/update-info';
import type { RolloutContent } from './plan';
import type { UpdatableBoard } from './site';

/** What a roll-out sends, whatever it is. */
export interface Cargo {
  what: UpdateTarget;
  /** Of a release. */
  name?: string;
  version: string;
  /** The same for the same content. */
  key: string;
  send(board: UpdatableBoard, options: UpdateOptions): Promise<UpdateResult>;
  /** Whether the board says that it runs this, whole and for good. */
  isOn(info: BoardInfo): boolean;
  /** For keeping, see `unpack`. */
  pack(): Buffer;
}

/** @throws InvalidInputError for an image that is none. */
export function cargoOf(content: RolloutContent): Cargo {
  if ('release' in content) return releaseCargo(content.release);
  return imageCargo(content.image, content.version ?? parseImageHeader(content.image).version);
}

function releaseCargo(release: Release): Cargo {
  const { manifest, text, contents } = release;
  const { slot: what, name, version } = manifest;
  return {
    ...{ what, name, version, key: release.id },
    send: (board, options) => board.deploy(release, options),
    isOn: ({ releases, update }) => {
      const there = releases?.[what];
      const onTrial = update?.what === what && update.state === 'trial';
      return there?.name === name && there.version === version && !there.modified && !onTrial;
    },
    pack: () => packed({ manifest: text.length }, [text, ...contents]),
  };
}

function imageCargo(image: Buffer, version: string): Cargo {
  return {
    ...{ what: 'image', version, key: createHash('sha256').update(image).digest('hex') },
    send: (board, options) => board.flash(image, { ...options, version }),
    isOn: ({ update }) =>
      update?.what === 'image' && update.version === version && update.state === 'confirmed',
    pack: () => packed({ image: version }, [image]),
  };
}

function packed(head: object, parts: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...parts]);
}

/** Takes what `pack` made. @throws where it is not that. */
export function unpack(data: Buffer): RolloutContent {
  const start = data.indexOf('\n') + 1;
  const head = JSON.parse(data.toString('utf8', 0, start));
  if (typeof head.image === 'string') return { image: data.subarray(start), version: head.image };
  let at = start + head.manifest;
  const text = data.subarray(start, at);
  const manifest = parseManifest(text);
  const contents = manifest.files.map(({ size }) => {
    at += size;
    return data.subarray(at - size, at);
  });
  const id = createHash('sha256').update(text).digest('hex');
  return { release: { manifest, text, contents, id } };
}
