import type { Connection, ConnectionOptions } from '../../core/index';
import { Broker } from '../../demo/broker';
import { createAuthority } from '../../demo/certificates';
import { VirtualBoard, type VirtualBoardOptions } from '../../simulator';
import type { Workbench } from '../core/support';
import { FaultProxy } from './fault-proxy';
import { type Mosquitto, startMosquitto } from './mosquitto';

/** A broker, and what it takes to reach and to trust it. */
export interface Stage {
  /** Undefined where the broker is aedes. */
  mosquitto: Mosquitto | undefined;
  port: number;
  ca: string | undefined;
}

/**
 * mosquitto with TLS, as a program of its own, with more lines for its configuration; or aedes without
 * TLS, in this process.
 */
export async function stageOf(
  kind: 'mosquitto' | 'aedes',
  bench: Workbench,
  configLines: string[] = [],
): Promise<Stage> {
  if (kind === 'aedes') {
    const broker = bench.keep(await Broker.start(), (started) => started.stop());
    return { mosquitto: undefined, port: broker.port, ca: undefined };
  }
  const authority = await createAuthority();
  const tls = await authority.issue({ names: ['localhost', '127.0.0.1'] });
  const mosquitto = bench.keep(await startMosquitto({ tls, configLines }), (started) =>
    started.stop(),
  );
  return { mosquitto, port: mosquitto.port, ca: authority.cert };
}

/** The broker's URL, seen through a port of this machine that leads to it. */
export function urlOf({ ca }: Stage, port: number): string {
  return `${ca ? 'mqtts' : 'mqtt'}://localhost:${port}`;
}

/** A fault proxy before the broker. */
export async function proxyTo(stage: Stage, bench: Workbench): Promise<FaultProxy> {
  return bench.keep(await FaultProxy.to(stage.port), (proxy) => proxy.stop());
}

/** A virtual board at the broker, not started yet; `port` leads there by another way, a proxy's. */
export function boardAt(
  stage: Stage,
  bench: Workbench,
  options: Partial<VirtualBoardOptions> & { prefix: string; port?: number },
): VirtualBoard {
  const { port = stage.port, ...rest } = options;
  const board = new VirtualBoard({
    url: urlOf(stage, port),
    ...(stage.ca && { ca: stage.ca }),
    runtime: 'unix',
    ...rest,
  });
  return bench.keep(board, () => board.stop());
}

/** Starts it, and waits until it takes commands. */
export async function started(board: VirtualBoard): Promise<VirtualBoard> {
  await board.start();
  await board.waitForLine(/ready for commands/, 90_000);
  return board;
}

/** A host's connection to the broker, open. */
export function hostAt(
  stage: Stage,
  bench: Workbench,
  { port = stage.port, ...options }: Partial<ConnectionOptions> & { port?: number } = {},
): Promise<Connection> {
  const tls = stage.ca ? { tls: { ca: stage.ca } } : {};
  return bench.connected(urlOf(stage, port), { ...tls, ...options });
}
