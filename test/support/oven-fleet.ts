import { once } from 'node:events';
import mqtt from 'mqtt';
import { Boards, buildRelease, type Connection, Fleet, type Release } from '../../core/index';
import type { VirtualBoard } from '../../simulator';
import type { Workbench } from '../core/support';
import { boardAt, hostAt, type Stage, started } from './stage';

/** How a board takes an application that is not for it: `ill` says so itself, `dies` at its start. */
export type Constitution = 'sound' | 'ill' | 'dies';

const CONFIG = `
update = {"confirm": 0, "minutes": 1}
watchdog = {"timeout": 10}
import os
try:
    os.stat("/src/oven.py")
    modules.append("oven")
except OSError:
    pass
`;

/**
 * An application that only boards of the right constitution can run; `harmless` runs on all, `bad` on none.
 */
export function ovenRelease(version: string, kind: 'harmless' | 'picky' | 'bad'): Promise<Release> {
  const data = `
import board_config

like = ${kind === 'harmless' ? '"sound"' : kind === 'bad' ? '"ill"' : 'board_config.constitution'}


def start(mqtt, config):
    if like == "dies":
        raise ValueError("too hot")


def healthy():
    return like == "sound"
`;
  const files = [{ path: 'oven.py', data }];
  return buildRelease({ slot: 'app', name: 'oven', version, files, to: '/src' });
}

/** A board named 0, 1, ... below `ovens`, not started yet. */
export function oven(
  stage: Stage,
  bench: Workbench,
  name: number,
  constitution: Constitution,
): VirtualBoard {
  const config = `${CONFIG}\nconstitution = "${constitution}"\n`;
  return boardAt(stage, bench, { prefix: `ovens/${name}`, runtime: 'unix', config });
}

/** A host: what it opens is closed by `stop`, as when its process ends. */
export class Host {
  private constructor(
    readonly connection: Connection,
    private readonly boards: Boards,
    readonly fleet: Fleet,
  ) {}

  static async start(stage: Stage, bench: Workbench, known: number): Promise<Host> {
    const connection = await hostAt(stage, bench);
    const boards = new Boards(connection);
    const fleet = new Fleet(connection, boards, { scope: 'ovens' });
    const host = bench.keep(new Host(connection, boards, fleet), (kept) => kept.stop());
    while (fleet.boards().filter(({ info }) => info).length < known) await once(fleet, 'change');
    return host;
  }

  async stop(): Promise<void> {
    await this.fleet.close();
    this.boards.close();
    await this.connection.close();
  }
}

/** Listens to the boards itself, and knows which versions each has had on trial, and how often. */
export async function trialWitness(
  stage: Stage,
  bench: Workbench,
): Promise<Map<string, Set<string>>> {
  const seen = new Map<string, Set<string>>();
  const url = stage.mosquitto?.url ?? `mqtt://127.0.0.1:${stage.port}`;
  const client = await mqtt.connectAsync(url, stage.ca ? { ca: stage.ca } : {});
  bench.keep(client, () => client.endAsync(true));
  client.on('message', (topic, payload) => {
    const { update } = JSON.parse(payload.toString() || '{}');
    if (!update) return;
    const key = `${topic.split('/')[1]} ${update.version}`;
    const ids = seen.get(key) ?? new Set();
    seen.set(key, ids.add(update.id));
  });
  await client.subscribeAsync('ovens/+/mqb/info', { qos: 1 });
  return seen;
}

export { started };
