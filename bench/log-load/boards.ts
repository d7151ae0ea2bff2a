// A process of its own: boards that log, as plain MQTT clients on bare sockets, so that they cost as
// little as can be. Arguments: port of the broker, how many boards, lines a second of each.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';

/** One round of all boards is spread over so many steps, so that no burst comes of it. */
const STEPS = 10;
const STILL_ALIVE_MS = 20_000;

const [port = 0, boards = 0, linesPerSecond = 0] = process.argv.slice(2).map(Number);

class LoggingBoard {
  private said = 0;
  private readonly tag: string;

  private constructor(
    private readonly socket: Socket,
    private readonly prefix: string,
    boot: number,
  ) {
    this.tag = (boot & 0xfff).toString(16).padStart(3, '0');
  }

  static async connect(number: number): Promise<LoggingBoard> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.setNoDelay(true);
    socket.write(generate({ cmd: 'connect', clientId: `load-${number}`, keepalive: 60 } as never));
    await once(socket, 'data');
    socket.resume(); // nobody waits for the acknowledgements
    const prefix = `load/b${number}`;
    const board = new LoggingBoard(socket, prefix, number);
    const info = { wire: 2, do: ['eval'], boot: number, log: 2, fw: '0.1.0', up: 1 };
    board.publish('mqb/info', JSON.stringify(info), true);
    board.publish('mqb/status', 'online', true);
    return board;
  }

  log(time: string): void {
    this.said += 1;
    const degrees = (this.said % 400) / 10;
    const line = `I ${time}#${this.tag}.${this.said}  heating: it is ${degrees} degrees here`;
    this.publish('log', line, false);
  }

  stillAlive(): void {
    this.socket.write(generate({ cmd: 'pingreq' }));
  }

  private publish(topic: string, payload: string, retain: boolean): void {
    const messageId = (this.said % 65535) + 1;
    const packet = {
      topic: `${this.prefix}/${topic}`,
      payload,
      qos: 1 as const,
      retain,
      messageId,
    };
    this.socket.write(generate({ cmd: 'publish', dup: false, ...packet }));
  }
}

async function main(): Promise<void> {
  const all: LoggingBoard[] = [];
  for (let number = 1; number <= boards; number += 1) all.push(await LoggingBoard.connect(number));
  let step = 0;
  const started = performance.now();
  setInterval(() => {
    // By the clock and not by the timer, which comes late on a busy machine.
    const due = ((performance.now() - started) * linesPerSecond * STEPS) / 1000;
    const time = new Date().toISOString().slice(11, 23);
    for (; step < due; step += 1) {
      for (let i = step % STEPS; i < boards; i += STEPS) all[i]?.log(time);
    }
  }, 5);
  setInterval(() => {
    for (const board of all) board.stillAlive();
  }, STILL_ALIVE_MS);
  process.on('disconnect', () => process.exit());
  process.send?.('logging');
}

main();
