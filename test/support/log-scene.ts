import assert from 'node:assert/strict';
import { type Board, MqboardError } from '../../core/index';
import type { VirtualBoard } from '../../simulator';
import type { Workbench } from '../core/support';
import { type ChatterOptions, chatter } from './chatter';
import type { FaultProxy } from './fault-proxy';
import { FleetBooks, type Sums } from './fleet-books';
import { type BootLedger, LogLedger } from './log-ledger';
import type { Mosquitto } from './mosquitto';
import { onceBack } from './power-sweep';
import { seeded } from './random-faults';
import { boardAt, hostAt, proxyTo, stageOf } from './stage';

const PREFIX = 'talking/board';

export interface Settled {
  /** Number of the last line, as the board says. */
  said: number;
  /** As a bare client kept them. */
  books: BootLedger;
  /** As core kept them. */
  sums: Sums;
}

/** A board that talks through a fault proxy to mosquitto, and a bare client that keeps the books of it. */
export class LogScene {
  private constructor(
    readonly broker: Mosquitto,
    readonly proxy: FaultProxy,
    readonly ledger: LogLedger,
    readonly virtual: VirtualBoard,
    readonly board: Board,
    readonly fleet: FleetBooks,
  ) {}

  /** The board is not started yet. */
  static async set(
    bench: Workbench,
    { runtime, ...talk }: ChatterOptions & { runtime: 'wasm' | 'unix' },
  ): Promise<LogScene> {
    // Else the broker would hold lines back for the ledger, and forget them when it is killed.
    const stage = await stageOf('mosquitto', bench, ['max_inflight_messages 0']);
    const { mosquitto, ca } = stage;
    if (!mosquitto) throw new Error('no mosquitto');
    const proxy = await proxyTo(stage, bench);
    const ledger = await LogLedger.listen(mosquitto.url, PREFIX, ca ? { ca } : {});
    bench.keep(ledger, () => ledger.close());
    const virtual = boardAt(stage, bench, {
      ...{ prefix: PREFIX, port: proxy.port, runtime },
      ...{ mqtt: { response_time: 1, pause_max: 0.5 }, ...chatter(talk) },
    });
    const connection = await hostAt(stage, bench);
    const board = bench.board(connection, PREFIX);
    const fleet = await FleetBooks.open(bench, connection, PREFIX);
    return new LogScene(mosquitto, proxy, ledger, virtual, board, fleet);
  }

  /** Waits until so many more lines have arrived, of this boot or a later one. */
  async heard(more: number): Promise<void> {
    const count = () =>
      [...this.ledger.boots.values()].reduce((sum, { arrived }) => sum + arrived.length, 0);
    const goal = count() + more;
    await this.ledger.until(() => count() >= goal, `${more} more lines`);
  }

  /** The broker is killed, and is there again after so many milliseconds; who listens is there first. */
  async brokerDown(ms: number): Promise<void> {
    this.proxy.refuse();
    this.proxy.cut();
    await this.broker.kill();
    await passed(ms);
    await this.broker.restart();
    await this.ledger.connected();
    this.proxy.restore();
  }

  /** The way to the broker is cut. */
  async cut(ms: number): Promise<void> {
    this.proxy.refuse();
    this.proxy.cut();
    await passed(ms);
    this.proxy.restore();
  }

  /** Nothing comes through any more, and nobody is told. */
  async silence(ms: number): Promise<void> {
    this.proxy.swallow();
    this.proxy.goSilent();
    await passed(ms);
    this.proxy.restore();
  }

  /** Outages of 100 to 600 ms, drawn by the seed, with some calm behind each. */
  async randomOutages(count: number, seed: number): Promise<void> {
    const random = seeded(seed);
    for (let i = 0; i < count; i += 1) {
      const ms = 100 + Math.floor(random() * 500);
      const kind = Math.floor(random() * 3);
      if (kind === 0) await this.brokerDown(ms);
      else if (kind === 1) await this.cut(ms);
      else await this.silence(ms);
      await this.heard(1 + Math.floor(random() * 30));
    }
  }

  /** The board says no more of its own accord. */
  async quiet(): Promise<void> {
    await onceBack(() => this.board.eval('import chatter\nchatter.stopped = True'));
  }

  /** Waits until the board has said everything and nothing of it is on its way any more. */
  async settled(): Promise<Settled> {
    await this.virtual.waitForLine(/chatter is done/, 120_000);
    const books = this.ledger.latest;
    let said = -1;
    // A line of the framework's own may come meanwhile.
    for (let now = await this.said(); now !== said; now = await this.said()) {
      said = now;
      await this.ledger.until(() => books.highest >= said, `line ${said}, after ${books.highest}`);
    }
    const [mark = ''] = [...this.ledger.boots.keys()].slice(-1);
    const sums = () => this.fleet.sums.get(mark) ?? { arrived: 0, lost: 0, missing: 0 };
    const all = () => sums().arrived + sums().lost + sums().missing;
    for (let tries = 0; all() < said && tries < 30; tries += 1) await passed(100);
    return { said, books, sums: sums() };
  }

  /** How many lines the board has said since its start. */
  private said(): Promise<number> {
    const source = '__import__("log_lines").said';
    return patiently(async () =>
      Number((await this.board.eval(source, { timeoutMs: 2000 })).value),
    );
  }
}

/**
 * A broker that was killed knows nothing any more: until host and board are back, the host may not be
 * connected, or take the board for one of version 1.
 */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + 30_000; ; ) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof MqboardError) || Date.now() > deadline) throw error;
      await passed(100);
    }
  }
}

/** Every number arrived or was counted, once; in order, and what belongs together is together. */
export function assertBalanced({ said, books, sums }: Settled): void {
  assert.deepEqual(books.unaccounted(said), []);
  assert.equal(books.arrived.length + books.lost, said);
  assert.equal(books.highest, said);
  assert.equal(books.disorder, 0);
  assert.equal(sums.arrived + sums.lost + sums.missing, said);
  const numbers = new Set(books.arrived.map(({ seq }) => seq));
  const torn = books.arrived.filter(({ goesOn, seq }) => goesOn && !numbers.has(seq + 1));
  assert.deepEqual(torn, []);
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
