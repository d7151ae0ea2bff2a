import { createHash } from 'node:crypto';
import { type GetSink, LocalFileError } from '../core/index';

/** Passes a file on as it comes. What was written cannot be taken back, so it cannot start again. */
export class StreamSink implements GetSink {
  private readonly hash = createHash('sha256');
  private size = 0;

  constructor(private readonly out: (data: Buffer) => void | Promise<void>) {}

  async begin(): Promise<{ size: number; sha256: string }> {
    return { size: this.size, sha256: this.hash.copy().digest('hex') };
  }

  async restart(): Promise<void> {
    if (this.size === 0) return;
    throw new LocalFileError(
      'The file was changed on the board while it was read, and the first part is written already. ' +
        'Get it again.',
    );
  }

  async write(data: Buffer): Promise<void> {
    this.hash.update(data);
    this.size += data.length;
    await this.out(data);
  }
}
