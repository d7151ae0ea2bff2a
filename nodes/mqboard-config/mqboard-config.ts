import { join } from 'node:path';
import type { NodeAPI, NodeDef } from 'node-red';
import {
  type Boards,
  type Connection,
  checkPrefix,
  Fleet,
  type FleetMemory,
  fileMemory,
  MqboardError,
  NotConnectedError,
} from '../../core/index';
import type { LinkState, ServerNode } from '../shared/server-node';
import {
  connectionOptions,
  fullPrefix,
  type ServerFields,
  serverUrl,
  timeoutMs,
} from '../shared/server-settings';
import { registerBoardsRoute } from './boards-route';
import { ClientIds } from './client-ids';
import { SharedConnection } from './shared-connection';
import { registerTestRoute } from './test-route';
import { type TlsNode, tlsOptions } from './tls';

interface Credentials {
  user?: string;
  password?: string;
}

type Definition = NodeDef & ServerFields & { tls?: string; timeout?: string; prefix?: string };

const USUAL_TIMEOUT_MS = 10_000;

export = function register(RED: NodeAPI): void {
  const clientIds = new ClientIds();

  function MqboardConfig(this: ServerNode & { credentials: Credentials }, definition: Definition) {
    RED.nodes.createNode(this, definition);
    this.prefix = '';
    this.timeoutMs = USUAL_TIMEOUT_MS;
    let shared: SharedConnection | undefined;
    let problem: MqboardError | undefined;

    let told = '';
    const report = ({ state, error }: LinkState) => {
      // The same reason comes again at each attempt, and is worth one line.
      const news = error ? error.message : state;
      if (state === 'connecting' || news === told) return;
      told = news;
      if (error) this.warn(error.message);
      else this.log(RED._('mqboard-config.runtime.connected', { server: serverUrl(definition) }));
    };

    try {
      this.prefix = definition.prefix ? checkPrefix(definition.prefix) : '';
      this.timeoutMs = timeoutMs(definition.timeout, USUAL_TIMEOUT_MS);
      const tlsNode = definition.tls
        ? (RED.nodes.getNode(definition.tls) as unknown as TlsNode | null)
        : null;
      const options = connectionOptions(
        { ...definition, ...this.credentials },
        tlsNode ? tlsOptions(tlsNode) : undefined,
      );
      const newFleet = (connection: Connection, boards: Boards) =>
        new Fleet(connection, boards, { scope: this.prefix, ...memoryOf(RED, this.id) });
      shared = new SharedConnection(options, clientIds, this.name || this.id, report, newFleet);
    } catch (error) {
      if (!(error instanceof MqboardError)) throw error;
      problem = error;
      this.error(error.message);
    }

    this.register = (user) => {
      if (shared) shared.add(user);
      else user.onLink({ state: 'refused', ...(problem && { error: problem }) });
    };
    this.deregister = async (user) => shared?.remove(user);
    const connected = (): SharedConnection => {
      if (problem) throw problem;
      const { state, error } = shared?.state ?? {};
      if (!shared || state !== 'connected') throw notConnected(error);
      return shared;
    };
    this.board = (name) => {
      if (problem) throw problem;
      const prefix = fullPrefix(this.prefix, name);
      const { boards } = connected();
      if (!boards) throw notConnected();
      return boards.get(prefix);
    };
    this.fleet = () => {
      const { fleet } = connected();
      if (!fleet) throw notConnected();
      return fleet;
    };

    this.knownBoards = async () => {
      const boards = (await shared?.discover()) ?? [];
      return { connected: shared?.state.state === 'connected', boards };
    };

    this.on('close', async (_removed: boolean, done: () => void) => {
      await shared?.end();
      done();
    });
  }

  RED.nodes.registerType('mqboard-config', MqboardConfig as never, {
    credentials: { user: { type: 'text' }, password: { type: 'password' } },
  });
  registerTestRoute(RED);
  registerBoardsRoute(RED);
};

/**
 * What was known of the boards is kept in Node-RED's own folder, hidden as its other notes are: beside it is
 * the folder whose files people send to boards.
 */
function memoryOf(RED: NodeAPI, id: string): { memory?: FleetMemory } {
  const { userDir } = RED.settings;
  const name = `boards-${id.replace(/[^\w.-]/g, '_')}.json`;
  return userDir ? { memory: fileMemory(join(userDir, '.mqboard', name)) } : {};
}

/** Says why, where that is known: the reason is somewhere else than the node that needs to tell it. */
function notConnected(reason?: MqboardError): NotConnectedError {
  const sentence = 'Not connected to the MQTT server, so nothing was sent.';
  return new NotConnectedError(reason ? `${sentence} ${reason.message}` : sentence);
}
