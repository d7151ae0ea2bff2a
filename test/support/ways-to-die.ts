import { randomInt } from 'node:crypto';
import type { MqttClient } from 'mqtt';
import type { Board } from '../../core/index';
import type { VirtualBoard } from '../../simulator';
import { begin } from './dying';

export interface Doomed {
  prefix: string;
  virtual: VirtualBoard;
  board: Board;
  /** A bare client. */
  client: MqttClient;
}

export interface WayToDie {
  title: string;
  act(doomed: Doomed): Promise<unknown>;
  restarts: boolean;
  /** There is a crash report. */
  reports: boolean;
}

const call = (way: string) => (doomed: Doomed) => doomed.board.eval(begin(way));

export const waysToDie: WayToDie[] = [
  {
    title: 'an exception in a task of a module',
    act: call('task'),
    restarts: false,
    reports: true,
  },
  {
    title: 'an exception in a task that runs every now and then',
    act: call('timer'),
    restarts: false,
    reports: true,
  },
  {
    title: 'an exception in a callback: `on_msg`',
    act: ({ client, prefix }) => client.publishAsync(`${prefix}/dying`, 'unknown', { qos: 1 }),
    restarts: false,
    reports: true,
  },
  { title: 'a MemoryError in a task', act: call('memory'), restarts: false, reports: true },
  { title: 'an exception that ends `main.py`', act: call('main'), restarts: true, reports: true },
  {
    title: 'a module that does not start',
    act: async ({ board }) => {
      await board.put(
        '/lib/broken.py',
        Buffer.from('def start(mqtt, config):\n    config["pin"]\n'),
      );
      await board.eval(`
with open("/board_config.py", "a") as file:
    file.write("modules += ['broken']\\n")
${begin('told')}`);
    },
    restarts: true,
    reports: true,
  },
  {
    title: 'an endless loop, until the watchdog bites',
    act: call('hang'),
    restarts: true,
    reports: true,
  },
  {
    title: '`machine.reset()` in a module',
    act: call('reset'),
    restarts: true,
    reports: true,
  },
  { title: '`crash.reset("new settings")`', act: call('told'), restarts: true, reports: false },
  { title: '`machine.soft_reset()` in a task', act: call('soft'), restarts: true, reports: false },
  { title: '`machine.deepsleep()`', act: call('sleep'), restarts: true, reports: false },
  {
    title: 'the power fails, and comes back',
    act: async ({ virtual }) => {
      await new Promise((resolve) => setTimeout(resolve, randomInt(100)));
      await virtual.powerCut();
      await virtual.start();
    },
    restarts: true,
    reports: false,
  },
];
