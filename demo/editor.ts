import { once } from 'node:events';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import RED from 'node-red';
import { listenNear } from './ports';

/** Node-RED in this process, with this package in its palette. There can be one. */
export class Editor {
  private constructor(private readonly server: Server) {}

  /** `clone` is the folder of the package, `folder` the user directory, `port` the preferred one. */
  static async start(clone: string, folder: string, port: number): Promise<Editor> {
    install(clone, folder);
    const server = createServer((request, response) => {
      RED.httpAdmin(request as never, response as never, () => {
        RED.httpNode(request as never, response as never);
      });
    });
    await listenNear(server, port);
    const { port: uiPort } = server.address() as AddressInfo;
    RED.init(server, settings(folder, uiPort) as never);
    const running = flowsRunning();
    await RED.start();
    await running;
    return new Editor(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async stop(): Promise<void> {
    await RED.stop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Flows with nodes that are not installed never run: the editor then says so, and must be reached. */
async function flowsRunning(): Promise<void> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), 5000);
  await once(RED.events, 'flows:started', { signal: patience.signal }).catch(() => undefined);
  clearTimeout(timer);
}

/** What `npm install <clone>` would do in the user directory, without asking a registry. */
function install(clone: string, folder: string): void {
  const link = join(folder, 'node_modules', '@mqboard', 'node-red');
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(clone, link, 'junction');
  const manifest = {
    name: 'mqboard-demo',
    private: true,
    dependencies: { '@mqboard/node-red': `file:${clone}` },
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Nothing in here talks to another machine: no telemetry, no news, no palette catalogue. */
function settings(userDir: string, uiPort: number): Record<string, unknown> {
  return {
    userDir,
    flowFile: 'flows.json',
    uiHost: '127.0.0.1',
    uiPort,
    httpAdminRoot: '/',
    httpNodeRoot: '/',
    telemetry: { enabled: false, updateNotification: false },
    diagnostics: { enabled: false, ui: false },
    externalModules: {
      autoInstall: false,
      palette: { allowInstall: false, allowUpdate: false, allowUpload: false },
      modules: { allowInstall: false },
    },
    functionExternalModules: false,
    editorTheme: {
      page: { title: 'MQBoard demo' },
      header: { title: 'MQBoard demo' },
      tours: false,
      palette: { catalogues: [] },
    },
    logging: { console: { level: 'error', metrics: false, audit: false } },
  };
}
