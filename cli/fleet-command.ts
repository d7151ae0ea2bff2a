import { setMaxListeners } from 'node:events';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { Boards, Connection, Fleet } from '../core/index';
import { type BoardArguments, type Reach, reachFrom, withBoardOptions } from './board-options';
import { connected } from './connected';
import { exitCodeOf } from './exit-codes';
import { failureAsJson, failureAsText } from './failure';
import { interruption } from './interruption';

/** What a command that looks at boards as a whole finds. */
export interface Scene {
  fleet: Fleet;
  boards: Boards;
  connection: Connection;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** To be passed on as it is to what is asked of a board. */
  options: { signal: AbortSignal; timeoutMs?: number };
  json: boolean;
  /** Text to standard output, as it is. */
  write: (text: string) => void;
  /** One result: text, or a line of JSON. */
  result: (text: string, json: object) => void;
  /** A sentence to standard error; nothing with --json. */
  say: (sentence: string) => void;
  /** Writes down an error, and returns its exit code. */
  fail: (error: unknown, details?: object) => number;
}

/** Returns the exit code. */
export type Task = (scene: Scene) => Promise<number>;

interface Definition<T> {
  command: string;
  describe: string;
  build: (yargs: Argv) => Argv<T>;
  /** Looks at the arguments. */
  prepare: (args: ArgumentsCamelCase<T & BoardArguments>) => Task;
}

/** A command that watches boards, of which not all need to be named. */
export function fleetCommand<T>({
  command,
  describe,
  build,
  prepare,
}: Definition<T>): CommandModule<object, T & BoardArguments> {
  return {
    command,
    describe,
    builder: (yargs: Argv) => withBoardOptions(build(yargs)),
    handler: async (args) => {
      const reach = reachFrom(args, process.env);
      const task = prepare(args);
      const { signal, release } = interruption();
      process.exitCode = await run(reach, task, signal);
      release();
    },
  };
}

async function run(reach: Reach, task: Task, signal: AbortSignal): Promise<number> {
  const { json, timeoutMs } = reach;
  const write = (text: string) => void process.stdout.write(text);
  const fail = (error: unknown, details: object = {}) => {
    if (json) write(`${JSON.stringify({ ...failureAsJson(error), ...details })}\n`);
    else process.stderr.write(failureAsText(error));
    return exitCodeOf(error);
  };
  setMaxListeners(0, signal);
  let connection: Connection | undefined;
  let fleet: Fleet | undefined;
  try {
    connection = new Connection(reach.broker);
    await connected(connection, signal);
    const boards = new Boards(connection);
    fleet = new Fleet(connection, boards);
    return await task({
      fleet,
      boards,
      connection,
      signal,
      options: { signal, ...(timeoutMs !== undefined && { timeoutMs }) },
      json,
      write,
      result: (text, value) => write(json ? `${JSON.stringify({ ok: true, ...value })}\n` : text),
      say: (sentence) => void (json || process.stderr.write(`mqboard: ${sentence}\n`)),
      fail,
    });
  } catch (error) {
    return fail(error);
  } finally {
    await fleet?.close();
    await connection?.close();
  }
}
