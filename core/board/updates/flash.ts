import { createHash } from 'node:crypto';
import { BoardRefusedError, InvalidInputError } from '../../protocol/errors';
import { BoardFileError } from '../../protocol/file-errors';
import { checkImage, chipName, HEAD_BYTES, type ImageHeader } from '../../protocol/image-header';
import { callBoard, type Way } from '../call';
import { runV2 } from '../command-v2';
import { persist } from '../files/persist';
import { otaV1 } from '../v1/ota';
import { resetV1 } from '../v1/reset';
import { type Copy, findDelta, patchOf, splitHashes } from './delta';
import type { UpdateNumber } from './number';
import type { Sending } from './sending';
import type { FlashOptions, UpdateResult } from './types';
import { callAbout, failedFor, update } from './update';

const NO_IMAGES = 'It takes no firmware images: those are for an ESP32 with our firmware on it.';

/** A board of version 1 has to be back by then. */
const TRIAL_MS_V1 = 120_000;

/** Writes a firmware image and sees it through its trial. */
export async function flash(way: Way, image: Buffer, options: FlashOptions): Promise<UpdateResult> {
  if (!(image instanceof Uint8Array)) {
    throw new InvalidInputError('BAD_IMAGE', 'no image', 'What to flash must be a Buffer.');
  }
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.length);
  const header = checkImage(bytes);
  const version = options.version ?? header.version;
  const flashing = new Flashing(way, bytes, header, version, options);
  return update(
    way,
    {
      what: 'image',
      version,
      name: flashing.name,
      sha256: flashing.sha,
      before: ({ update: last, mpy }) =>
        last?.what === 'image' && last.state === 'confirmed' ? last.version : mpy,
      bring: (sending, number) => flashing.bring(sending, number),
      tryIt: (id) => ({
        ...flashing.command({ step: 'try', sha: flashing.sha, id, version }),
        repeatable: false,
      }),
      byV1: (sending) => flashing.byV1(sending),
    },
    options,
  );
}

class Flashing {
  readonly sha: string;
  readonly name: string;
  private copies: Copy[] = [];

  constructor(
    private readonly way: Way,
    private readonly image: Buffer,
    private readonly header: ImageHeader,
    version: string,
    private readonly options: FlashOptions,
  ) {
    this.sha = createHash('sha256').update(image).digest('hex');
    this.name = `the firmware image ${version}`;
  }

  /** Returns true when it is what runs. */
  async bring(sending: Sending, number: UpdateNumber): Promise<boolean> {
    const { way, image, options } = this;
    this.checkFits();
    const last = way.presence.info?.update;
    const isThere = last?.what === 'image' && last.state === 'confirmed';
    if (isThere && number.isOfSameContent(last)) return true;
    if (options.delta !== false) {
      const { same, copies } = findDelta(image, await this.hashes());
      if (same) return true;
      this.copies = copies;
    }
    try {
      await this.write(sending);
    } catch (error) {
      const isCorrupt = error instanceof BoardFileError && error.reason === 'corrupt';
      if (!isCorrupt || this.copies.length === 0) throw error;
      // Two blocks may have the same beginning of their hashes.
      this.copies = [];
      await this.write(sending);
    }
    return false;
  }

  /** A board of version 1 has no trial: it is restarted, and has to answer again. */
  async byV1(sending: Sending): Promise<void> {
    const { way, image, sha: sha256, options } = this;
    const { length: total } = image;
    const onSent = (done: number) => {
      sending.wireBytes = done;
      options.onProgress?.({ phase: 'sending', done, total });
    };
    await callAbout(way, options, (call) => otaV1(call, { image, sha256, onSent }));
    options.onProgress?.({ phase: 'restarting' });
    const { timeoutMs = TRIAL_MS_V1, signal } = options;
    await callBoard(way, { timeoutMs, signal }, (call) => resetV1(call, 'normal', true));
  }

  command(keys: Record<string, unknown>) {
    const failed = failedFor(this.way, this.name);
    return { do: 'ota', keys, repeatable: true, unknown: NO_IMAGES, failed };
  }

  /** Before the board is asked for anything. */
  private checkFits(): void {
    const { way, image, header } = this;
    const fail = failedFor(way, this.name);
    const { info } = way.presence;
    if (!info?.do.includes('ota')) {
      throw new BoardRefusedError('unknown', `it does not offer ota. ${NO_IMAGES}`);
    }
    const { image: slot } = info;
    if (!slot) throw fail('slots', 'it has no second partition for an application');
    if (slot.chip !== header.chip) {
      throw fail('needs', `it is for ${header.chipName}, and the board is ${chipName(slot.chip)}`);
    }
    if (image.length > slot.size) {
      throw fail('full', `it has ${image.length} bytes, and a slot of the board ${slot.size}`);
    }
  }

  private async hashes(): Promise<string[]> {
    const { way, options } = this;
    const { output } = await callAbout(way, options, (call) =>
      persist(call, () =>
        runV2(call, {
          ...this.command({ step: 'hashes' }),
          onHeard: () => call.deadline.renew(),
        }),
      ),
    );
    const hashes = splitHashes(output);
    if (hashes) return hashes;
    throw new BoardRefusedError('bad', 'it told something that are no hashes of blocks.');
  }

  private async write(sending: Sending): Promise<void> {
    const { way, image, options, copies, sha } = this;
    const patch = copies.length > 0 ? patchOf(image, copies) : image;
    const head = image.subarray(0, HEAD_BYTES).toString('base64');
    const delta = copies.length > 0 && { copies, patch: patch.length };
    const keys = { step: 'write', size: image.length, sha, head, ...delta };
    await callAbout(way, options, (call) =>
      persist(call, () => {
        sending.expect(patch.length);
        return sending.send(call, patch, this.command(keys));
      }),
    );
  }
}
