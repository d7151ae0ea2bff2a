import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Node, NodeAPI } from 'node-red';
import {
  AbortedError,
  fileMemory,
  MqboardError,
  Rollout,
  type RolloutProgress,
  rolloutMemory,
  systemWords,
} from '../../core/index';
import { noServer } from '../shared/await-server';
import type { Message, Send } from '../shared/board-worker';
import { asMqboardError, flowError } from '../shared/flow-error';
import { LocalFiles } from '../shared/local-files';
import { typedValue } from '../shared/property';
import type { LinkState, ServerNode, ServerUser } from '../shared/server-node';
import { type Words, wordsOf } from '../shared/words';
import { CargoReader } from './cargo';
import { readSettings, readTargets } from './plan';
import type { OtaSettings } from './settings';
import { OtaStatus } from './status';
import { Teller } from './teller';

interface Waiting {
  msg: Message;
  send: Send;
  done: (error?: Error) => void;
}

/** What an `mqboard-ota` node does: one roll-out at a time, which outlives deploys and restarts. */
export class Roller implements ServerUser {
  private readonly words: Words;
  private readonly status: OtaStatus;
  private readonly reader: CargoReader;
  /** Where the roll-out is kept; undefined where Node-RED has no folder of its own. */
  private readonly folder: string | undefined;
  private server: ServerNode | null = null;
  private takingUp: Promise<void> | undefined;
  private busy = false;
  private preparing: AbortController | undefined;
  private rollout: Rollout | undefined;
  /** Resolves when the message that it is at has been carried out. */
  private working: Promise<void> = Promise.resolve();
  /** The newest message that came meanwhile. */
  private next: Waiting | undefined;
  private closed = false;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly settings: OtaSettings,
  ) {
    const { userDir } = RED.settings;
    this.words = wordsOf(RED, node.type);
    this.status = new OtaStatus((status) => node.status(status), this.words);
    this.reader = new CargoReader(
      RED,
      node,
      settings,
      new LocalFiles(settings.root, userDir ?? ''),
    );
    const name = `rollout-${node.id.replace(/[^\w.-]/g, '_')}`;
    this.folder = userDir ? join(userDir, '.mqboard', name) : undefined;
  }

  /** With the server to work through, or null while there is none. */
  use(server: ServerNode | null): void {
    this.server = server;
    if (server) server.register(this);
    else this.onLink({ state: 'refused', error: noServer() });
  }

  onLink(link: LinkState): void {
    this.status.onLink(link);
    if (link.state === 'connected') this.takingUp ??= this.takeUp();
  }

  /** Takes one message; calls `done` exactly once. */
  async input(msg: Message, send: Send, done: (error?: Error) => void): Promise<void> {
    await this.takingUp;
    if (this.closed) return done();
    const { control } = msg as { control?: unknown };
    if (control !== undefined || msg.cancel === true) {
      try {
        this.control(msg.cancel === true ? 'abort' : control);
        done();
      } catch (error) {
        done(flowError(error));
      }
      return;
    }
    if (this.busy) this.wait({ msg, send, done });
    else this.begin({ msg, send, done });
  }

  /** Suspends the roll-out; of a node that was removed nothing is left. */
  async close(removed: boolean): Promise<void> {
    this.closed = true;
    this.preparing?.abort(new AbortedError());
    this.next?.done();
    this.next = undefined;
    await this.takingUp;
    await this.rollout?.close();
    await this.working;
    if (removed && this.folder) await rm(this.folder, { recursive: true, force: true });
    await this.server?.deregister(this);
  }

  /** Goes on with what was under way when Node-RED was stopped, or the flow deployed. */
  private async takeUp(): Promise<void> {
    try {
      const rollout = await Rollout.saved(this.site());
      if (!rollout || this.closed) return;
      const kept = await this.context?.load();
      const msg = (typeof kept === 'object' ? { ...kept } : {}) as Message;
      const send: Send = (messages) => this.node.send(messages);
      this.working = this.conduct(rollout, { msg, send, done: () => {} });
    } catch (error) {
      this.status.failed(asMqboardError(error));
      this.node.error(flowError(error), {});
    }
  }

  private control(command: unknown): void {
    if (command === 'abort') {
      this.next?.done(flowError(new AbortedError()));
      this.next = undefined;
      this.preparing?.abort(new AbortedError());
      this.rollout?.abort();
      return;
    }
    if (command !== 'pause' && command !== 'resume') {
      throw new MqboardError(
        'BAD_CONTROL',
        'bad msg.control',
        'msg.control must be "pause", "resume" or "abort".',
      );
    }
    if (!this.rollout) {
      const sentence = `There is no roll-out to ${command}.`;
      throw new MqboardError('NO_ROLLOUT', 'no roll-out', sentence);
    }
    this.rollout[command]();
  }

  /** Of those that wait only the newest counts: it has what the others would have brought, or newer. */
  private wait(waiting: Waiting): void {
    const sentence = 'A newer message has taken the place of this one, which waited for its turn.';
    this.next?.done(flowError(new AbortedError(sentence)));
    this.next = waiting;
  }

  private takeNext(): void {
    const { next } = this;
    this.next = undefined;
    if (next) this.begin(next);
  }

  private begin(asked: Waiting): void {
    this.working = this.carryOut(asked);
  }

  private async carryOut(asked: Waiting): Promise<void> {
    this.busy = true;
    let rollout: Rollout;
    try {
      rollout = await this.prepare(asked.msg);
    } catch (error) {
      this.busy = false;
      this.preparing = undefined;
      if (!this.closed) this.status.failed(asMqboardError(error));
      asked.done(this.closed ? undefined : flowError(error));
      this.takeNext();
      return;
    }
    await this.conduct(rollout, asked);
  }

  private async prepare(msg: Message): Promise<Rollout> {
    const { RED, node, settings } = this;
    const site = this.site();
    this.preparing = new AbortController();
    this.status.prepares();
    const { boardType, board } = settings;
    const value = await typedValue(RED, node, boardType, board, msg);
    const where = boardType === 'str' ? 'The field "Boards"' : `${boardType}.${board}`;
    const targets = readTargets(value, where, settings);
    const plan = { id: RED.util.generateId(), targets, ...readSettings(settings) };
    const content = await this.reader.read(msg, this.preparing.signal);
    // Patterns mean the boards that are known, and the broker may still be telling of them.
    await this.server?.knownBoards();
    const { _msgid, topic } = msg;
    await this.remember({ _msgid, topic });
    this.preparing.signal.throwIfAborted();
    return new Rollout({ ...plan, content }, site);
  }

  private async conduct(rollout: Rollout, { msg, send, done }: Waiting): Promise<void> {
    this.busy = true;
    this.preparing = undefined;
    this.rollout = rollout;
    const { words, settings, status } = this;
    const teller = new Teller(msg, words, settings.progress, (messages) => {
      if (!this.closed) send(messages as Message[]);
    });
    let last: RolloutProgress | undefined;
    status.begins(() => ({ now: rollout.now, isPaused: rollout.isPaused, ...(last && { last }) }));
    teller.listen(rollout, (progress) => {
      last = progress;
      if (!this.closed) status.update();
    });
    const result = await rollout.start().done;
    this.busy = false;
    this.rollout = undefined;
    if (!this.closed) {
      teller.end(result);
      status.ends(result);
    }
    done();
    this.takeNext();
  }

  /** Where that cannot be, the roll-out goes on all the same: it only does not outlive Node-RED. */
  private async remember(context: object): Promise<void> {
    try {
      await this.context?.save(context);
    } catch (error) {
      const reason = systemWords(error);
      const english = `It cannot be noted how far the roll-out is, so it ends with Node-RED: ${reason}`;
      this.node.warn(this.words('text.unnoted', english, { reason }));
    }
  }

  /** What is needed of a message after a restart. */
  private get context() {
    return this.folder ? fileMemory(join(this.folder, 'message.json')) : undefined;
  }

  private site() {
    const { server, folder } = this;
    if (!server) throw noServer();
    return server.fleet().site(folder ? rolloutMemory(folder) : undefined);
  }
}
