import type { Frame, TransferKind } from '../../protocol/frame';

/** What a transfer is given by the exchange of its command. */
export interface TransferLink {
  /** Sends one frame, or loses it. */
  send(kind: TransferKind, n: number, data: Buffer, marked: boolean): void;
  /** Ends the command, because this side cannot go on. */
  fail(error: Error): void;
}

/** The half of a transfer that runs on this side, as the exchange of its command sees it. */
export interface Transfer {
  /** Takes a `d` or a `g`; returns true when that was progress. */
  receive(frame: Frame): boolean;
  /** Nothing came for a while, or the link is back: asks for what is missing. */
  repeat(): void;
  /** What was under way is lost. */
  linkIsBack(): void;
}
