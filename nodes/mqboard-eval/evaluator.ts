import type { Node, NodeAPI } from 'node-red';
import type { EvalResult } from '../../core/index';
import type { Message, Turn, Work } from '../shared/board-worker';
import { Lines } from '../shared/lines';
import { withResult } from '../shared/property';
import type { ServerNode } from '../shared/server-node';
import { timeoutMs } from '../shared/server-settings';
import { shortTime } from '../shared/short-texts';
import { type Job, type JobSettings, readJob } from './job';

export interface EvalSettings extends JobSettings {
  /** Seconds, as typed; empty for the server's time limit. */
  timeout: string;
  /** Property of the message that takes the result. */
  result: string;
  resultAs: 'value' | 'text';
  /** Whether printed lines come out of the second output while the code runs. */
  live: boolean;
}

interface EvalJob extends Job {
  limitMs: number;
}

/** What an `mqboard-eval` node does with its messages. */
export class Evaluator implements Work<EvalJob> {
  readonly longestQueue = 50;

  constructor(
    private readonly RED: NodeAPI,
    private readonly node: Node,
    private readonly settings: EvalSettings,
  ) {}

  async read(msg: Message, server: ServerNode): Promise<EvalJob> {
    const limitMs = timeoutMs(this.settings.timeout, server.timeoutMs);
    return { ...(await readJob(this.RED, this.node, this.settings, msg)), limitMs };
  }

  async run(job: EvalJob, turn: Turn): Promise<{ msg: Message; shown: string }> {
    const lines = new Lines((line) => turn.aside(this.liveMessage(turn, line)));
    try {
      const result = await turn.board.eval(job.code, {
        variables: job.variables,
        timeoutMs: job.limitMs,
        signal: turn.signal,
        ...(this.settings.live && { onOutput: (text: string) => lines.push(text) }),
      });
      return { msg: this.answer(turn, result), shown: shortTime(result.elapsedMs) };
    } finally {
      lines.end();
    }
  }

  private liveMessage({ msg, name }: Turn, line: string): Message {
    return Object.assign(this.RED.util.cloneMessage(msg), { payload: line, board: name });
  }

  private answer({ msg, name }: Turn, result: EvalResult): Message {
    const { text, output, hasValue, value } = result;
    const given = this.settings.resultAs !== 'text' && hasValue ? value : text;
    const elapsedMs = Math.round(result.elapsedMs * 10) / 10;
    const told = { ...msg, board: name, mqboard: { text, output, elapsedMs } };
    return withResult(this.RED, told, this.settings.result, given);
  }
}
