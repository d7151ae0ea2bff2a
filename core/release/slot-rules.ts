import { InvalidInputError } from '../protocol/errors';
import type { Slot } from '../protocol/update-info';
import { isOfFramework } from '../sync/protected';

const CONFIGURATION = /^\/(board_config|board_secrets)\.m?py$|^\/[^/]+\.(pem|crt|key|der)$/;

/** Whose slot a path belongs to; undefined: to whichever release brings it. */
function ownerOf(path: string): Slot | undefined {
  if (isOfFramework(path)) return 'framework';
  return CONFIGURATION.test(path) ? 'config' : undefined;
}

/**
 * What each slot may have: nothing that another one answers for, so that undoing the one leaves the other alone.
 * @throws InvalidInputError
 */
export function checkSlot(slot: Slot, paths: string[]): void {
  for (const path of paths) {
    const owner = ownerOf(path);
    if (owner === undefined || owner === slot) continue;
    throw new InvalidInputError(
      'WRONG_SLOT',
      'wrong slot',
      `${path} belongs to the slot ${owner} and cannot be part of a release for ${slot}. ` +
        `Leave it out, or release it for ${owner}.`,
    );
  }
}
