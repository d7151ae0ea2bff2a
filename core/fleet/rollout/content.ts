import { createHash } from 'node:crypto';
import type { UpdateOptions, UpdateResult } from '../../board/updates/types';
import { checkImage } from '../../protocol/image-header';
import type { BoardInfo } from '../../protocol/info';
import type { Release } from '../../protocol/release';
import type { UpdateTarget } from '../../protocol/update-info';
import { packRelease, unpackRelease } from '../../release/bundle';
import type { RolloutContent } from './plan';
import type { UpdatableBoard } from './site';

/** What the text of a release begins with, and an image does not. */
const BRACE = '{'.charCodeAt(0);

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

/** @throws InvalidInputError for an image that is none, or is not whole. */
export function cargoOf(content: RolloutContent): Cargo {
  if ('release' in content) return releaseCargo(content.release);
  const { version } = checkImage(content.image);
  return imageCargo(content.image, content.version ?? version);
}

function releaseCargo(release: Release): Cargo {
  const { slot: what, name, version } = release.manifest;
  return {
    ...{ what, name, version, key: release.id },
    send: (board, options) => board.deploy(release, options),
    isOn: ({ releases, update }) => {
      const there = releases?.[what];
      const onTrial = update?.what === what && update.state === 'trial';
      return there?.name === name && there.version === version && !there.modified && !onTrial;
    },
    pack: () => packRelease(release),
  };
}

function imageCargo(image: Buffer, version: string): Cargo {
  return {
    ...{ what: 'image', version, key: createHash('sha256').update(image).digest('hex') },
    send: (board, options) => board.flash(image, { ...options, version }),
    isOn: ({ update }) =>
      update?.what === 'image' && update.version === version && update.state === 'confirmed',
    pack: () => image,
  };
}

/** Takes what `pack` made; an image does not say by itself what it was called. @throws InvalidInputError */
export function unpack(data: Buffer, version: string): RolloutContent {
  return data[0] === BRACE ? { release: unpackRelease(data) } : { image: data, version };
}
