import type { Connection, CrashEvent, PresenceEvent } from '../../core/index';
import type { Workbench } from '../core/support';
import {
  helper,
  loadFlow,
  logEnds,
  logNode,
  serverNode,
  surroundings,
} from '../nodes/support/flow';
import { crashCell, presenceCell, wireCell } from './death-cells';
import { dying } from './dying';
import { FlowEnds } from './flow-ends';
import { startMosquitto } from './mosquitto';
import { boardAt, hostAt, type Stage, started } from './stage';
import { type WayToDie, waysToDie } from './ways-to-die';
import { WireWitness } from './wire-witness';

const SCOPE = 'deaths';

/** What a way to die leads to, as the cells of a table's row. */
export interface Death {
  way: string;
  wire: string;
  crashes: string;
  presence: string;
}

/**
 * Lets virtual boards die, each in its way, all at the same time, and looks on: as a bare client of the
 * broker, and as a flow behind a node of type mqboard-log.
 */
export async function watchThemDie(bench: Workbench, runtime: 'wasm' | 'unix'): Promise<Death[]> {
  const mosquitto = bench.keep(await startMosquitto(), (broker) => broker.stop());
  const stage = { mosquitto, port: mosquitto.port, ca: undefined };
  const witness = await WireWitness.listen(mosquitto.url, SCOPE);
  bench.keep(witness, () => witness.close());
  const connection = await hostAt(stage, bench);
  bench.keep(helper, () => helper.unload());
  await loadFlow([...surroundings(), serverNode(mosquitto.url), ...logEnds(), logNode()] as never);
  const onlooker = new Onlooker(bench, stage, witness, connection, new FlowEnds());
  return Promise.all(waysToDie.map((way, i) => onlooker.death(way, `${SCOPE}/${i}`, runtime)));
}

class Onlooker {
  constructor(
    private readonly bench: Workbench,
    private readonly stage: Stage,
    private readonly witness: WireWitness,
    private readonly connection: Connection,
    private readonly ends: FlowEnds,
  ) {}

  async death(way: WayToDie, prefix: string, runtime: 'wasm' | 'unix'): Promise<Death> {
    const { bench, witness, ends } = this;
    const made = boardAt(this.stage, bench, { prefix, runtime, ...dying(prefix) });
    const virtual = await started(made);
    const board = bench.board(this.connection, prefix);
    const presence = () => ends.of<PresenceEvent>('presence', prefix);
    const crashes = () => ends.of<CrashEvent>('crashes', prefix);
    const saw = (event: string) =>
      presence()
        .slice(alive)
        .some((seen) => seen.event === event);
    let alive = 0;
    await ends.until(() => saw('online'), `${way.title}: the board is there`);
    const online = (message: { topic: string; text: string }) =>
      message.topic === `${prefix}/mqb/status` && message.text === 'online';
    await witness.until(() => witness.heard.some(online), `${way.title}: it says so`);
    alive = presence().length;
    const heard = witness.heard.length;
    const said = () =>
      witness.heard
        .slice(heard)
        .filter(({ topic }) => topic.startsWith(`${prefix}/`))
        .map(({ topic, text }) => ({ topic: topic.slice(prefix.length + 1), text }));
    await way.act({ prefix, virtual, board, client: witness.client });
    if (way.restarts) await ends.until(() => saw('online'), `${way.title}: the board is back`);
    if (way.reports) {
      await ends.until(() => crashes().length > 0, `${way.title}: a crash`);
      const cleared = () =>
        said().some(({ topic, text }) => topic.startsWith('mqb/crash/') && text === '');
      await witness.until(cleared, `${way.title}: its report is cleared`);
    }
    await quiet(said);
    return {
      way: way.title,
      wire: wireCell(said()),
      crashes: crashCell(crashes()),
      presence: presenceCell(presence().slice(alive)),
    };
  }
}

/** Nothing is due any more; what comes all the same, within a second, is seen. */
async function quiet(said: () => unknown[]): Promise<void> {
  for (let before = -1; said().length !== before; ) {
    before = said().length;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
