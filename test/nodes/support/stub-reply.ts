import { EventEmitter, once } from 'node:events';

const CHUNK = 1024;

/** How a stub board answers one command. */
export class StubReply {
  /** Resolves when the host has cancelled the command. */
  readonly cancelled: Promise<void>;
  cancel: () => void = () => {};
  private stopped = false;
  private n = 0;
  private received = 0;
  private readonly arrived = new EventEmitter();

  constructor(
    private readonly id: number,
    private readonly publish: (frame: Buffer) => Promise<unknown>,
  ) {
    this.cancelled = new Promise((resolve) => {
      this.cancel = () => {
        this.stopped = true;
        resolve();
      };
    });
  }

  async output(text: string): Promise<void> {
    await this.send('o', this.n++, text);
  }

  /** Ends the command with `kind`, or as cancelled when it was. */
  async end(kind: string, data: string): Promise<void> {
    if (this.stopped) await this.send('s', this.n, '', true);
    else await this.send(kind, this.n, data, true);
  }

  /** Bytes of a file that the host puts. */
  take(at: number, data: Buffer): void {
    if (at !== this.received) return;
    this.received += data.length;
    this.arrived.emit('data');
  }

  async receive(end: number): Promise<void> {
    const window = Buffer.alloc(8);
    window.writeUInt32BE(end, 0);
    window.writeUInt32BE(CHUNK, 4);
    const here = this.received < end ? once(this.arrived, 'data') : undefined;
    await this.send('g', this.received, window);
    await here;
    while (this.received < end) await once(this.arrived, 'data');
  }

  async send(kind: string, n: number, data: string | Buffer, last = false): Promise<void> {
    const header = Buffer.alloc(10);
    header.write(kind, 'ascii');
    header.writeUInt8(last ? 1 : 0, 1);
    header.writeUInt32BE(this.id, 2);
    header.writeUInt32BE(n, 6);
    await this.publish(Buffer.concat([header, Buffer.from(data as string)]));
  }
}
