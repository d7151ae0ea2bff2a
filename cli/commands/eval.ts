import { text } from 'node:stream/consumers';
import { type EvalResult, readLocal } from '../../core/index';
import { boardCommand } from '../board-command';
import { usageError } from '../broker-options';
import { jsonValue } from '../json-value';
import type { Job } from '../run-on-boards';

interface SourceArguments {
  source?: string | undefined;
  file?: string | undefined;
  _: Array<string | number>;
}

async function readSource(args: SourceArguments): Promise<string> {
  const { file } = args;
  // Python that begins with a minus comes behind `--`, where yargs names nothing.
  const source = args.source ?? args._[1]?.toString();
  if (source !== undefined && file !== undefined) {
    throw usageError('Give the source as an argument or by --file, not both.');
  }
  if (source !== undefined) return source;
  if (file === undefined) {
    throw usageError("What shall the board run? Give Python, like '1+1', or --file.");
  }
  return file === '-' ? text(process.stdin) : (await readLocal(file)).toString();
}

const evaluate =
  (source: string): Job =>
  async (board, turn) => {
    let printed = '';
    turn.details = { output: printed };
    const onOutput = (more: string) => {
      printed += more;
      turn.details = { output: printed };
      if (!turn.json) turn.write(more);
    };
    const result = await board.eval(source, { ...turn.options, onOutput });
    turn.result(valueAsText(result, printed), valueAsJson(result));
  };

function valueAsText({ hasValue, text }: EvalResult, printed: string): string {
  // Like the prompt of Python, print() shows what it printed and not that its value is None.
  if (!hasValue || (text === 'None' && printed !== '')) return '';
  const gap = printed === '' || printed.endsWith('\n') ? '' : '\n';
  return `${gap}${text}${text.endsWith('\n') ? '' : '\n'}`;
}

function valueAsJson({ text, value, output, hasValue, elapsedMs }: EvalResult): object {
  return { hasValue, text, value: jsonValue(value), output, elapsedMs };
}

export default boardCommand({
  command: 'eval [source]',
  describe: 'Run Python on a board and print its value or its output',
  build: (yargs) =>
    yargs
      .positional('source', { type: 'string', describe: 'Python: an expression, or statements' })
      .options({
        file: {
          type: 'string',
          requiresArg: true,
          describe: 'Read the source from here; - is stdin',
        },
      })
      .example("$0 eval '45+876' --url mqtts://example.org --prefix esp32/test", 'prints 921'),
  prepare: async (args) => evaluate(await readSource(args)),
});
