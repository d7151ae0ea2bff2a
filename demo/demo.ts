import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DemoBoards } from './boards';
import { Broker } from './broker';
import { type Authority, createAuthority } from './certificates';
import { Editor } from './editor';
import { prepareFlows } from './flows';

export interface DemoOptions {
  /** The clone: where the package, its examples and its firmware are. */
  clone: string;
  /** Holds everything that the demo writes; may be deleted while it does not run. */
  folder: string;
  /** Preferred ports; where one is taken, another is used. */
  editorPort: number;
  brokerPort: number;
  /** Lines of the boards' consoles. */
  onLine?: (prefix: string, line: string) => void;
}

export const prefixes = ['demo/shed', 'demo/barn'];

/** Broker, two virtual boards and Node-RED, all on this machine and reachable only from it. */
export class Demo {
  private constructor(
    readonly editor: Editor,
    readonly broker: Broker,
    private readonly boards: DemoBoards,
    /** Path of the authority's certificate. */
    readonly ca: string,
  ) {}

  static async start(options: DemoOptions): Promise<Demo> {
    const { clone, folder } = options;
    const ca = join(folder, 'ca.pem');
    const userDir = join(folder, 'node-red');
    mkdirSync(userDir, { recursive: true });
    const authority = await keptAuthority(folder);
    const broker = await startBroker(authority, options.brokerPort);
    const { url, port } = { url: `mqtts://localhost:${broker.tlsPort}`, port: broker.tlsPort };
    let boards: DemoBoards | undefined;
    try {
      boards = await DemoBoards.start({
        folder: join(folder, 'boards'),
        firmware: join(clone, 'firmware'),
        prefixes,
        url,
        ca: authority.cert,
        ...(options.onLine && { onLine: options.onLine }),
      });
      prepareFlows(join(userDir, 'flows.json'), join(clone, 'examples'), {
        host: 'localhost',
        port,
        ca,
      });
      const editor = await Editor.start(clone, userDir, options.editorPort);
      return new Demo(editor, broker, boards, ca);
    } catch (error) {
      await boards?.stop();
      await broker.stop();
      throw error;
    }
  }

  get brokerUrl(): string {
    return `mqtts://localhost:${this.broker.tlsPort}`;
  }

  async stop(): Promise<void> {
    await this.editor.stop();
    await this.boards.stop();
    await this.broker.stop();
  }
}

/** The boards keep the authority's certificate on their flash, so it is made only once. */
async function keptAuthority(folder: string): Promise<Authority> {
  const certFile = join(folder, 'ca.pem');
  const keyFile = join(folder, 'ca.key');
  if (existsSync(certFile) && existsSync(keyFile)) {
    const [cert, key] = [certFile, keyFile].map((file) => readFileSync(file, 'utf8'));
    if (cert && key) return createAuthority({ cert, key });
  }
  const authority = await createAuthority();
  writeFileSync(certFile, authority.cert);
  writeFileSync(keyFile, authority.key);
  chmodSync(keyFile, 0o600);
  return authority;
}

async function startBroker(authority: Authority, tlsPort: number): Promise<Broker> {
  const certificate = await authority.issue({ names: ['localhost', '127.0.0.1'] });
  try {
    return await Broker.start({ certificate, tlsPort });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return Broker.start({ certificate });
  }
}
