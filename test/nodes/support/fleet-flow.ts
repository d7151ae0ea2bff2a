import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from '../../../demo/broker';
import { type Behaviour, ScriptedBoard } from '../../support/scripted-board';
import type { UpdatesBehaviour } from '../../support/scripted-updates';
import {
  connected,
  helper,
  loadFlow,
  node,
  otaNode,
  type Received,
  serverNode,
  status,
  surroundings,
} from './flow';

/** What an update node sends out of its first output. */
export interface Result {
  outcome?: string;
  state?: string;
  version: string;
  what: string;
  reason?: string;
  crash?: string;
  text: string;
  why?: string;
  open?: string[];
  counts?: Record<string, number>;
}

export type Told = Received & { board?: string; topic?: string; payload: Result };

/** Boards that take updates, and a flow that sends them. */
export class FleetFlow {
  broker: Broker = undefined as never;
  userDir = '';
  /** What has come out of the outputs, in order. */
  readonly results: Told[] = [];
  readonly events: Array<Received & { payload: { event: string; phase?: string } }> = [];
  private boards: ScriptedBoard[] = [];

  async open(): Promise<void> {
    this.broker = await Broker.start();
    this.userDir = mkdtempSync(join(tmpdir(), 'mqboard-ota-'));
    helper.settings({ userDir: this.userDir });
  }

  async close(): Promise<void> {
    await helper.unload();
    for (const board of this.boards) {
      await board.stop();
    }
    await this.broker.stop();
    helper.settings({});
    rmSync(this.userDir, { recursive: true, force: true });
  }

  async board(prefix: string, updates: UpdatesBehaviour = {}, more: Behaviour = {}) {
    const board = await ScriptedBoard.start(this.broker.url, prefix, { ...more, updates });
    this.boards.push(board);
    return board;
  }

  async start(settings: object = {}): Promise<void> {
    const flow = [...surroundings(), serverNode(this.broker.url), otaNode(settings)];
    await loadFlow(flow as never);
    this.listen();
    await status('ota', connected);
  }

  /** As `start`, of a node that has something to go on with. */
  async startAgain(settings: object = {}): Promise<void> {
    await helper.unload();
    const flow = [...surroundings(), serverNode(this.broker.url), otaNode(settings)];
    await loadFlow(flow as never);
    this.listen();
  }

  send(msg: object): void {
    node('ota').receive(msg);
  }

  /** Resolves with the message of the whole that comes next. */
  over(): Promise<Told> {
    return this.until('out', ({ payload }) => (payload as Result | undefined)?.state !== undefined);
  }

  /** Resolves when the board, or any, runs what is new. */
  async onTrial(board?: string): Promise<void> {
    await this.until('live', (msg) => {
      const { phase } = msg.payload as { phase?: string };
      return phase === 'trial' && (board === undefined || msg.board === board);
    });
  }

  until(id: string, wanted: (msg: Told) => boolean): Promise<Told> {
    return new Promise((resolve) => {
      const listen = (msg: Told) => {
        if (!wanted(msg)) return;
        node(id).off('input', listen as never);
        resolve(msg);
      };
      node(id).on('input', listen as never);
    });
  }

  private listen(): void {
    node('out').on('input', ((msg: Told) => this.results.push(msg)) as never);
    node('live').on('input', ((msg: never) => this.events.push(msg)) as never);
  }
}
