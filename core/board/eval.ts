import { InvalidInputError } from '../protocol/errors';
import { pythonToJs } from '../protocol/python-values';
import { type EncodedVariables, encodeVariables } from '../protocol/variables';
import { type Call, callBoard, speaksV2, type Way } from './call';
import { runV2 } from './command-v2';
import type { EvalOptions, EvalResult } from './types';
import { evalV1 } from './v1/eval';

const TIMEOUT_MS = 10_000;

type Said = Omit<EvalResult, 'elapsedMs'>;

/** Evaluates by the version of the wire that the board speaks. */
export async function evaluate(
  way: Way,
  source: string,
  options: EvalOptions,
): Promise<EvalResult> {
  const begun = performance.now();
  const variables = encodeVariables(options.variables);
  const { timeoutMs = TIMEOUT_MS, signal } = options;
  const onWaiting = () => options.onProgress?.('waiting');
  const said = await callBoard(way, { timeoutMs, signal, onWaiting }, (call) =>
    (speaksV2(way) ? byV2 : byV1)(call, source, variables, options),
  );
  return { ...said, elapsedMs: performance.now() - begun };
}

async function byV2(
  call: Call,
  source: string,
  variables: Partial<EncodedVariables>,
  options: EvalOptions,
): Promise<Said> {
  const { text, output } = await runV2(call, {
    do: 'eval',
    keys: variables,
    body: source,
    unknown: 'Is mqrepl among its modules?',
    onSent: () => options.onProgress?.('sent'),
    onAccepted: () => options.onProgress?.('running'),
    onOutput: (printed) => options.onOutput?.(printed),
  });
  if (text === '') return { text: output, value: undefined, output, hasValue: false };
  return { text, value: pythonToJs(text), output, hasValue: true };
}

async function byV1(
  call: Call,
  source: string,
  variables: Partial<EncodedVariables>,
  options: EvalOptions,
): Promise<Said> {
  const { story } = call;
  const { presence, prefix } = call.way;
  if (variables.vars && presence.isUnheardOf) {
    throw story.unknownError('; should it be one of version 1, it takes no variables');
  }
  if (variables.vars) {
    throw new InvalidInputError(
      'VARIABLES_NOT_SPOKEN',
      'no variables on v1',
      `The board ${prefix} speaks version 1 of the wire, which carries no variables, and ` +
        'pasting them into the source would not be safe. Put our firmware on it, or leave them out.',
    );
  }
  const text = await evalV1(call, source, () => options.onProgress?.('sent'));
  if (text === '') return { text, value: undefined, output: '', hasValue: false };
  return { text, value: pythonToJs(text), output: '', hasValue: true };
}
