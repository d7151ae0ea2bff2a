import { createHash } from 'node:crypto';
import { Deflater } from './deflater';

/** What goes into one `d`. */
export interface FileFrame {
  data: Buffer;
  /** Offset in the file behind it. */
  next: number;
  deflated: boolean;
}

/** Deflated frames are kept for other boards up to so many bytes. */
const KEPT_BYTES = 4 * 2 ** 20;

/**
 * A file that is sent, to one board or to many at the same time: what is deflated for one is there for
 * all the others.
 */
export class Content {
  readonly size: number;
  private readonly deflaters = new Map<number, Deflater>();
  private readonly kept = new Map<string, FileFrame>();
  private keptBytes = 0;
  private isCopy = false;
  /** How many transfers send it now. */
  users = 0;

  constructor(
    public bytes: Buffer,
    readonly sha256: string,
  ) {
    this.size = bytes.length;
  }

  /** Whoever gave the bytes may change them when their own transfer is over: others need a copy. */
  shareWith(bytes: Buffer): void {
    const isSame = bytes.buffer === this.bytes.buffer && bytes.byteOffset === this.bytes.byteOffset;
    if (isSame || this.isCopy) return;
    this.bytes = Buffer.from(this.bytes);
    this.isCopy = true;
    this.deflaters.clear();
  }

  /** The frame that begins at `at`, with at most `chunk` bytes, of what lies before `end`. */
  frame(at: number, end: number, chunk: number, windowBits: number): FileFrame {
    const plain = () => {
      const next = Math.min(at + chunk, end);
      return { data: this.bytes.subarray(at, next), next, deflated: false };
    };
    if (windowBits === 0) return plain();
    const deflater = this.deflaters.get(windowBits) ?? new Deflater(this.bytes, windowBits);
    this.deflaters.set(windowBits, deflater);
    if (this.users < 2) return deflater.frame(at, end, chunk) ?? plain();
    const key = `${windowBits} ${at} ${chunk}`;
    const there = this.kept.get(key);
    if (there && there.next <= end) return there;
    const frame = deflater.frame(at, end, chunk) ?? plain();
    if (frame.deflated && this.keptBytes < KEPT_BYTES) {
      this.kept.set(key, frame);
      this.keptBytes += frame.data.length;
    }
    return frame;
  }
}

/** By SHA-256, what is being sent now. */
const inUse = new Map<string, Content>();

/** Shares the content of files that are the same, until `release` is called. */
export function shareContent(bytes: Buffer): { content: Content; release: () => void } {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const content = inUse.get(sha256) ?? new Content(bytes, sha256);
  content.shareWith(bytes);
  inUse.set(sha256, content);
  content.users++;
  const release = () => {
    content.users--;
    if (content.users === 0) inUse.delete(sha256);
  };
  return { content, release };
}
