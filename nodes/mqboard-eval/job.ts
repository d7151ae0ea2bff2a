import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import { InvalidInputError } from '../../core/index';
import { type BoardNames, type BoardSettings, kind, readBoardNames } from '../shared/board-names';
import { typedValue } from '../shared/property';

export interface Variable {
  name: string;
  type: string;
  value: string;
}

/** The part of the node's settings that is read anew for each message. */
export interface JobSettings extends BoardSettings {
  code: string;
  sourceType: string;
  source: string;
  variables: Variable[];
}

/** What one message asks for. */
export interface Job extends BoardNames {
  code: string;
  variables: Record<string, unknown>;
}

function bad(code: string, badge: string, sentence: string): InvalidInputError {
  return new InvalidInputError(code, badge, sentence);
}

/** @throws InvalidInputError that names the setting and says what was found instead. */
export async function readJob(
  RED: NodeAPI,
  node: Node,
  settings: JobSettings,
  msg: NodeMessageInFlow,
): Promise<Job> {
  const boards = await readBoardNames(RED, node, settings, msg);
  return { ...boards, code: await readCode(), variables: await readVariables() };

  async function readCode(): Promise<string> {
    const fromMessage = settings.sourceType === 'msg';
    const from = fromMessage ? `msg.${settings.source}` : 'The field "Python"';
    const code = fromMessage
      ? await typedValue(RED, node, 'msg', settings.source, msg)
      : settings.code;
    if (code === undefined) throw bad('NO_CODE', 'no code', `${from} is missing in the message.`);
    if (typeof code !== 'string') {
      throw bad('NO_CODE', 'no code', `${from} must be Python source as text, not ${kind(code)}.`);
    }
    if (code.trim() === '') throw bad('NO_CODE', 'no code', `${from} holds no Python code.`);
    return code;
  }

  async function readVariables(): Promise<Record<string, unknown>> {
    const values: Record<string, unknown> = {};
    for (const { name, type, value } of settings.variables) {
      const given = await typedValue(RED, node, type, value, msg);
      if (given === undefined) {
        const sentence = `The variable ${name} has no value: ${type}.${value} does not exist.`;
        throw bad('NO_VARIABLE', 'variable missing', sentence);
      }
      values[name] = given;
    }
    return values;
  }
}
