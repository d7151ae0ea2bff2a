import type { VirtualBoardOptions } from '../../simulator';
import { FileHost } from './file-host';
import type { Message } from './raw-host';

/** What a test reads of a crash report, of `info`, and of a report in the list. */
export type Said = Record<string, unknown> & { id: string; log: string[]; trace: string };

/** A board, and a host that hears its crash reports and the birth message of each boot. */
export class CrashHost {
  private constructor(readonly files: FileHost) {}

  static async start(prefix: string, options: Partial<VirtualBoardOptions> = {}) {
    const host = new CrashHost(await FileHost.start(prefix, options));
    await host.files.raw.client.subscribeAsync(`${prefix}/mqb/crash/+`, { qos: 1 });
    return host;
  }

  get board() {
    return this.files.raw.board;
  }

  eval(source: string): Promise<string> {
    return this.files.eval(source);
  }

  /** Has a task raise `what`, in a function called `name`. */
  async raise(what: string, name = 'f'): Promise<void> {
    await this.eval(`async def ${name}(): raise ${what}\nasyncio.create_task(${name}())`);
    await this.eval('await asyncio.sleep_ms(5)');
  }

  /** Runs code that ends the boot, and waits for the next: its birth message. */
  async dies(source: string, patienceMs?: number): Promise<Said> {
    this.files.begin('eval', {}, Buffer.from(source));
    return this.boots(patienceMs);
  }

  /** `patienceMs`: more where it takes several boots. */
  async boots(patienceMs = 10_000): Promise<Said> {
    const isNext = ({ topic, payload }: Message) =>
      topic.endsWith('/mqb/info') && JSON.parse(payload.toString()).boot !== this.files.boot;
    const { payload } = await this.files.raw.message(isNext, patienceMs);
    await this.files.hello();
    return JSON.parse(payload.toString());
  }

  /** The next message on a topic of a crash report; undefined in place of an empty one. */
  async report(): Promise<Said | undefined> {
    const { topic, payload } = await this.files.raw.message(({ topic }) => /\/crash\//.test(topic));
    if (payload.length === 0) return undefined;
    const report = JSON.parse(payload.toString());
    if (!topic.endsWith(`/mqb/crash/${report.id}`)) throw new Error(`${report.id} on ${topic}`);
    return report;
  }

  async list(): Promise<Said[]> {
    return (await this.files.value('crash', {})).crashes;
  }

  seen(...ids: string[]): Promise<{ seen: number }> {
    return this.files.value('crash', { seen: ids });
  }

  /** Names in the folder of the reports. */
  async stored(): Promise<string[]> {
    const names = await this.eval('os.listdir("/crashes") if "crashes" in os.listdir("/") else []');
    return JSON.parse(names.replaceAll("'", '"')).sort();
  }

  stop(): Promise<void> {
    return this.files.stop();
  }
}
