import { randomBytes } from 'node:crypto';
import type { UpdateInfo } from '../../protocol/update-info';
import type { Way } from '../call';

/** Hexadecimal digits of the content's SHA-256 that the number of an update begins with. */
const DIGITS = 12;

/** The updates under way of each board, by what they bring: to know them again after whatever was lost. */
const underWay = new WeakMap<Way, Map<string, string>>();

/** The number of an update, as the board keeps it. */
export class UpdateNumber {
  private readonly numbers: Map<string, string>;
  private readonly content: string;

  /** `sha256` is of what the update brings. */
  constructor(way: Way, sha256: string) {
    this.numbers = underWay.get(way) ?? new Map<string, string>();
    underWay.set(way, this.numbers);
    this.content = sha256.slice(0, DIGITS);
    this.number(`${this.content}.${randomBytes(4).toString('hex')}`);
  }

  get id(): string {
    return this.number('');
  }

  /** Whether it is this update; or the same, on trial, that another process began: then it is this one now. */
  recognises(update: UpdateInfo | undefined): update is UpdateInfo {
    if (update?.state === 'trial' && this.isOfSameContent(update)) {
      this.numbers.set(this.content, update.id);
    }
    return update?.id === this.id;
  }

  /** Whether an update brought the same, whoever began it. */
  isOfSameContent(update: UpdateInfo): boolean {
    return update.id.startsWith(`${this.content}.`);
  }

  /** It is known what became of it: the next try of the same is another one. */
  forget(): void {
    this.numbers.delete(this.content);
  }

  private number(unlessThere: string): string {
    const id = this.numbers.get(this.content) ?? unlessThere;
    this.numbers.set(this.content, id);
    return id;
  }
}
