import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from '../../demo/broker';
import { type OfferedBoard, registerBoardsRoute } from '../../nodes/mqboard-config/boards-route';
import {
  connected,
  evalNode,
  helper,
  loadFlow,
  serverNode,
  status,
  surroundings,
} from './support/flow';
import { SpeakingBoard } from './support/speaking-board';

interface Answer {
  connected: boolean;
  boards: OfferedBoard[];
}

describe('The list of known boards', () => {
  let broker: Broker;
  let userDir: string;
  const boards: SpeakingBoard[] = [];

  beforeEach(async () => {
    broker = await Broker.start();
    userDir = mkdtempSync(join(tmpdir(), 'mqboard-known-'));
    helper.settings({ userDir });
  });
  afterEach(async () => {
    await helper.unload();
    for (const board of boards.splice(0)) await board.stop();
    await broker.stop();
    helper.settings({});
    rmSync(userDir, { recursive: true, force: true });
  });

  async function board(prefix: string, info = {}): Promise<SpeakingBoard> {
    const started = await SpeakingBoard.start(broker.url, prefix, info);
    boards.push(started);
    return started;
  }

  async function ask(id = 'server'): Promise<{ status: number; body: unknown }> {
    return helper.request().get(`/mqboard-config/${id}/boards`);
  }

  async function load(server: object = {}): Promise<void> {
    await loadFlow([...surroundings(), serverNode(broker.url, server), evalNode()] as never);
    await status('eval', connected);
  }

  const answer = async () => (await ask()).body as Answer;

  it('names the boards that are online, then those that are not, with what they are', async () => {
    const wake = { every: 900, awake: 60 };
    const barn = await board('barn', { machine: 'ESP32', fw: '0.1.0', wake });
    await board('shed10', { wake });
    await board('shed2');
    await barn.vanish();
    await load();
    const { connected, boards: told } = await answer();
    assert.equal(connected, true);
    const marks = told.map(({ board, online }) => [board, online]);
    assert.deepEqual(marks, [
      ['shed2', true],
      ['shed10', true],
      ['barn', false],
    ]);
    assert.deepEqual([told[2]?.machine, told[2]?.fw], ['ESP32', '0.1.0']);
    assert.deepEqual(
      told.map(({ asleep }) => asleep),
      [undefined, undefined, true],
    );
  });

  it('names them as the nodes do: without the topic prefix of the server, and none outside of it', async () => {
    await board('farm/shed');
    await board('other/barn');
    await load({ prefix: 'farm' });
    assert.deepEqual(
      (await answer()).boards.map(({ board }) => board),
      ['shed'],
    );
  });

  it('is up to date when it is asked for again', async () => {
    const shed = await board('shed');
    await load();
    assert.equal((await answer()).boards[0]?.online, true);
    const offline = new Promise((resolve) => {
      broker.aedes.on('publish', ({ topic }) => topic === 'shed/mqb/status' && resolve(topic));
    });
    await shed.vanish();
    await offline;
    await board('barn');
    let told = await answer();
    while (told.boards.length < 2) told = await answer();
    assert.deepEqual(
      told.boards.map(({ board, online }) => [board, online]),
      [
        ['barn', true],
        ['shed', false],
      ],
    );
  });

  it('says nothing of who is online while there is no connection', async () => {
    await board('shed');
    await load();
    assert.equal((await answer()).boards.length, 1);
    await broker.stop();
    await status('eval', ({ text }) => text === 'node-red:common.status.disconnected');
    const { connected: linked, boards: told } = await answer();
    assert.equal(linked, false);
    assert.deepEqual(
      told.map(({ board, online }) => [board, online]),
      [['shed', null]],
    );
  });

  it('is there after a restart of Node-RED, and kept apart from the files that go to boards', async () => {
    await board('shed');
    await load();
    await answer();
    await helper.unload();
    assert.deepEqual(readdirSync(userDir), ['.mqboard']);
    await boards.splice(0)[0]?.stop();
    await broker.restart();
    await load();
    assert.deepEqual(
      (await answer()).boards.map(({ board }) => board),
      ['shed'],
    );
  });

  it('is empty for a server that no node uses, and does not connect for it', async () => {
    await loadFlow([serverNode(broker.url)] as never);
    assert.deepEqual((await ask()).body, { connected: false, boards: [] });
    assert.deepEqual(broker.clients, []);
  });

  it('is not found for a server that is not deployed, nor for a node that is none', async () => {
    await load();
    assert.equal((await ask('nothing')).status, 404);
    assert.equal((await ask('eval')).status, 404);
  });

  it('costs nothing while nobody asks: nobody subscribes to all boards', async () => {
    const asked: string[] = [];
    broker.aedes.on('subscribe', (filters) => asked.push(...filters.map(({ topic }) => topic)));
    await load();
    assert.equal(asked.length, 0);
    await answer();
    assert.ok(asked.includes('+/mqb/info'));
  });

  it('is kept from those who may not see the server', () => {
    const permissions: string[] = [];
    const guard = () => undefined;
    const routes: unknown[][] = [];
    registerBoardsRoute({
      auth: {
        needsPermission: (permission: string) => {
          permissions.push(permission);
          return guard;
        },
      },
      httpAdmin: { get: (...route: unknown[]) => routes.push(route) },
    } as never);
    assert.deepEqual(permissions, ['mqboard-config.read']);
    assert.equal(routes[0]?.[1], guard, 'the guard stands before the handler');
  });
});
