import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Board, BoardResult, PresenceEvent } from '../../core/index';
import { createAuthority } from '../../demo/certificates';
import type { Workbench } from '../core/support';
import {
  helper,
  loadFlow,
  logEnds,
  logNode,
  node,
  otaNode,
  type Received,
  serverNode,
} from '../nodes/support/flow';
import { type BadUpdate, badUpdates } from './bad-updates';
import { presenceCell } from './death-cells';
import { FlowEnds } from './flow-ends';
import { freePort, startMosquitto } from './mosquitto';
import { onceBack } from './power-sweep';
import { boardAt, hostAt, started } from './stage';
import { known } from './update-scenes';

const SCOPE = 'bad';
const WIFI = { ssid: 'virtual', password: 'virtual' };

/** Trials that are short, and a watchdog that is. */
const CONFIG = `
update = {"confirm": 8, "minutes": 0.5}
watchdog = {"timeout": 10}
modules.append("shed")
`;

/** What comes of a bad update, as the cells of a table's row. */
export interface Picture {
  title: string;
  did: string;
  told: string;
  presence: string;
}

type Told = Received & { payload: Partial<BoardResult> & { state?: string } };

const mainPy = readFileSync(join(__dirname, '../../firmware/main.py'), 'utf8');

/**
 * Sends virtual boards bad updates, each one its own and all at the same time, as a flow does; and looks at the
 * boards, and at what comes out of the nodes.
 */
export async function hangGallery(bench: Workbench): Promise<Picture[]> {
  const [authority, other] = await Promise.all([createAuthority(), createAuthority()]);
  const tls = await authority.issue({ names: ['localhost', '127.0.0.1'] });
  const plain = await freePort();
  const mosquitto = bench.keep(
    await startMosquitto({ tls, configLines: [`listener ${plain} 127.0.0.1`] }),
    (broker) => broker.stop(),
  );
  const stage = { mosquitto, port: mosquitto.port, ca: authority.cert };
  const flow = { mosquitto, port: plain, ca: undefined };
  const connection = await hostAt(flow, bench);
  const updates = badUpdates(other.cert);
  bench.keep(helper, () => helper.unload());
  await loadFlow(flowFor(updates, `mqtt://localhost:${plain}`) as never);
  const ends = new FlowEnds();
  const caught = new Map<string, (message: Received) => void>();
  node('caught').on('input', ((message: Received & { error: { source: { id: string } } }) =>
    caught.get(message.error.source.id)?.(message)) as never);

  return Promise.all(
    updates.map(async (update, i) => {
      const prefix = `${SCOPE}/${i}`;
      const made = boardAt(stage, bench, {
        prefix,
        wifi: WIFI,
        config: CONFIG,
        files: {
          'src/shed.py': 'version = "1.0"\n\ndef start(mqtt, config):\n    pass\n',
          'main.py': mainPy.replace(/^_PAUSE = const\(\d+\)/m, '_PAUSE = const(1)'),
        },
      });
      const virtual = await started(made);
      const board = bench.board(connection, prefix);
      await known(board);
      const presence = () => ends.of<PresenceEvent>('presence', prefix);
      await ends.until(() => presence().some(({ event }) => event === 'online'), update.title);
      const before = presence().length;
      const resets: string[] = [];
      virtual.on('reset', (cause) => resets.push(cause));
      const told = await tell(board, update, `ota-${i}`, caught);
      await known(board);
      const says = await saysCell(board, told);
      return {
        title: update.title,
        did: `${resetsCell(resets)}, ${await runsCell(board)}`,
        told: says,
        presence: presenceCell(presence().slice(before)),
      };
    }),
  );
}

function flowFor(updates: BadUpdate[], url: string): object[] {
  const PLACE = { x: 100, y: 100 };
  const end = (id: string) => ({ id, type: 'helper', z: 'tab', ...PLACE, wires: [] });
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    { id: 'catch', type: 'catch', z: 'tab', scope: null, ...PLACE, wires: [['caught']] },
    end('caught'),
    serverNode(url),
    logNode(),
    ...logEnds(),
    ...updates.flatMap((_, i) => [
      otaNode({
        id: `ota-${i}`,
        what: 'msg',
        board: `${SCOPE}/${i}`,
        needs: 'needs',
        needsType: 'msg',
        release: 'shed',
        version: '2.0',
        progress: false,
        outputs: 1,
        wires: [[`out-${i}`]],
      }),
      end(`out-${i}`),
    ]),
  ];
}

/** What the flow is told of the one board: a result, or an error. */
async function tell(
  board: Board,
  update: BadUpdate,
  id: string,
  caught: Map<string, (message: Received) => void>,
): Promise<Told> {
  const { value } = await onceBack(() => board.eval('open("/board_config.py").read()'));
  const sent = await update.make(String(value));
  let result: Told | undefined;
  const over = new Promise<Told>((resolve) => {
    caught.set(id, (message) => resolve(message as Told));
    node(id.replace('ota', 'out')).on('input', ((message: Told) => {
      if (message.payload.state === undefined) result = message;
      else resolve(result ?? message);
    }) as never);
  });
  node(id).receive(sent);
  return over;
}

const code = (text: unknown) => `\`${String(text).replaceAll('|', '\\|')}\``;

async function saysCell(board: Board, told: Told): Promise<string> {
  const { error } = told as { error?: { message: string } };
  if (error) return `error: ${error.message}`;
  const { outcome, reason = '', crash } = told.payload;
  const words = reason.replaceAll(`the board ${board.prefix}`, 'the board');
  const said = [`${outcome}: ${words.replace(/\d+ free/, '... free')}`];
  if (crash) {
    const { kind, exception } = await onceBack(() => board.crash(crash));
    const what = exception ? [exception.type, exception.message].filter(Boolean).join(': ') : kind;
    said.push(`crash ${code(what)}`);
  }
  return said.join('<br>');
}

function resetsCell(resets: string[]): string {
  if (resets.length === 0) return 'did not restart';
  const times = ['', 'once', 'twice'][resets.length] ?? `${resets.length} times`;
  return `restarted ${times} (${resets.join(', ')})`;
}

async function runsCell(board: Board): Promise<string> {
  const source = '[__import__("__main__").mode, __import__("sys").modules["shed"].version]';
  const { value } = await onceBack(() => board.eval(source));
  const [mode, version] = value as string[];
  return `runs ${version}, mode ${mode}`;
}
