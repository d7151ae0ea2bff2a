import { EventEmitter } from 'node:events';
import { connectAsync, type MqttClient } from 'mqtt';

/** One reply: raw payloads for `reply/out`, then the text for `reply/err`. */
export type ReplyV1 = { out?: string[]; err?: string };

/** What it answers to a message of a command, such as `eval`, now or later; undefined for nothing. */
export type AnswerV1 = (command: string, payload: Buffer) => ReplyV1 | Promise<ReplyV1> | undefined;

/**
 * A board of the original MQBoard, by the bytes: it retains nothing, and answers each message with the
 * payloads that it is given, in hexadecimal.
 */
export class ScriptedV1Board extends EventEmitter<{ command: [topic: string, payload: Buffer] }> {
  /** Payloads of the commands, as they came. */
  readonly commands: Buffer[] = [];

  private constructor(
    private readonly client: MqttClient,
    private readonly prefix: string,
    reply: ReplyV1 | AnswerV1,
  ) {
    super();
    client.on('message', (topic, payload) => {
      this.commands.push(payload);
      this.emit('command', topic, payload);
      const [command = '', id = ''] = topic.slice(`${prefix}/mqb/cmd/`.length).split('/');
      const said = typeof reply === 'function' ? reply(command, payload) : reply;
      if (said instanceof Promise) said.then((later) => this.answer(id, later));
      else if (said) this.answer(id, said);
    });
  }

  static async start(url: string, prefix: string, reply: ReplyV1 | AnswerV1) {
    const client = await connectAsync(url, { clientId: `v1-${prefix}` });
    const board = new ScriptedV1Board(client, prefix, reply);
    await client.subscribeAsync(`${prefix}/mqb/cmd/#`, { qos: 1 });
    return board;
  }

  async stop(): Promise<void> {
    await this.client.endAsync(true);
  }

  private answer(id: string, reply: ReplyV1): void {
    const { prefix, client } = this;
    for (const payload of reply.out ?? []) {
      client.publish(`${prefix}/mqb/reply/out/${id}`, Buffer.from(payload, 'hex'), { qos: 1 });
    }
    if (reply.err === undefined) return;
    client.publish(`${prefix}/mqb/reply/err/${id}`, reply.err, { qos: 1 });
  }
}
