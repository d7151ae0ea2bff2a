import { createHash, type Hash } from 'node:crypto';
import type { GetSink } from '../files/types';

/** What has arrived of a file that is got, over however many tries. */
export class Intake {
  /** Bytes that are in the sink, or wait for it. */
  received = 0;
  /** Bytes that are in the sink. */
  written = 0;
  /** Over all that was received; undefined where the sink had something that was never seen here. */
  private hash: Hash | undefined;
  private known = false;
  private readonly waiting: Array<{ bytes: number; write: () => void | Promise<void> }> = [];
  private writing: Promise<void> | undefined;
  private onWritten: () => void = () => {};
  private onError: (error: Error) => void = () => {};

  constructor(private readonly sink: GetSink) {}

  /** What is there of earlier tries. */
  async begin(): Promise<{ size: number; sha256: string }> {
    this.listen();
    await this.flush();
    if (this.known && this.hash) return { size: this.received, sha256: this.digest() ?? '' };
    const there = await this.sink.begin();
    this.hash = there.hash ?? (there.size === 0 ? createHash('sha256') : undefined);
    this.received = there.size;
    this.written = there.size;
    this.known = true;
    return there;
  }

  /** Tells one try of what became of the bytes; without arguments nobody. */
  listen(onWritten = () => {}, onError: (error: Error) => void = () => {}): void {
    this.onWritten = onWritten;
    this.onError = onError;
  }

  /** The file is another one: what is there counts for nothing. */
  restart(): void {
    this.hash = createHash('sha256');
    this.received = 0;
    this.written = 0;
    this.enqueue(0, () => this.sink.restart());
  }

  /** Waits until all is in the sink. */
  async flush(): Promise<void> {
    while (this.writing) await this.writing;
  }

  add(data: Buffer): void {
    this.received += data.length;
    this.hash?.update(data);
    this.enqueue(data.length, () => this.sink.write(data));
  }

  /** SHA-256 of all that was received, where that is known. */
  digest(): string | undefined {
    return this.hash?.copy().digest('hex');
  }

  private enqueue(bytes: number, write: () => void | Promise<void>): void {
    this.waiting.push({ bytes, write });
    if (!this.writing) this.writeOn();
  }

  /** A sink that takes bytes at once costs no turn of the loop. */
  private writeOn(): void {
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      const { bytes } = next;
      const later = next.write();
      if (later) {
        this.writing = later
          .then(() => {
            this.writing = undefined;
            this.written += bytes;
            this.writeOn();
          })
          .catch((error) => this.failed(error));
        return;
      }
      this.written += bytes;
    }
    this.onWritten();
  }

  /** What the sink holds now is not known. */
  private failed(error: Error): void {
    this.writing = undefined;
    this.waiting.length = 0;
    this.known = false;
    this.onError(error);
  }
}
