import { type CrashEvent, type LogRecord, lastWords } from '../../core/index';
import type { Words } from '../shared/words';
import { clock, longTime } from './times';

/** What happened, in one paragraph for somebody who gets it by mail. */
export function crashText(crash: CrashEvent, words: Words): string {
  const say = (key: string, otherwise: string, values: Record<string, unknown> = {}) =>
    words(`crash.${key}`, otherwise, { board: crash.board, ...values });
  const { report, at } = crash;
  const sentences = [headline(crash, words)];
  if (at) sentences.push(say('at', `That was at ${clock(at)}.`, { time: clock(at) }));
  if (report?.up !== undefined) {
    const time = longTime(report.up, words);
    sentences.push(say('up', `It had been running for ${time}.`, { time }));
  }
  if (report?.doing) {
    sentences.push(
      say('doing', `Before, it had noted that it was at: ${report.doing}.`, {
        doing: report.doing,
      }),
    );
  }
  if (crash.kind === 'exception') {
    sentences.push(
      crash.restarted
        ? say('restarted', 'It restarted because of it.')
        : say('goesOn', 'It did not restart, and goes on without what failed.'),
    );
  }
  if (crash.count > 1) {
    const values = { number: crash.count, first: clock(crash.first) };
    sentences.push(
      say('count', `It has happened ${values.number} times since ${values.first}.`, values),
    );
  }
  const last = report && lastWords(crash.board, report).at(-1);
  if (last) {
    const said = spoken(last);
    sentences.push(say('said', `The last that it logged before: ${said}`, { said }));
  }
  return sentences.join(' ');
}

/** `heating: 81 degrees (warning, 2026-05-04 13:02:00)`; of several lines, as of a traceback, the last. */
function spoken({ name, message, levelName, time }: LogRecord): string {
  const [line = ''] = message.trimEnd().split('\n').slice(-1);
  const marks = [levelName, time && clock(time)].filter(Boolean).join(', ');
  return `${name ? `${name}: ` : ''}${line} (${marks})`;
}

function headline({ board, kind, exception, where }: CrashEvent, words: Words): string {
  if (kind === 'hang') {
    return words('crash.hang', `${board} hung, and its watchdog restarted it.`, { board });
  }
  if (kind === 'unexplained') {
    const otherwise = `${board} restarted, and nothing says why.`;
    return words('crash.unexplained', otherwise, { board });
  }
  const { type = '', message = '', frames = [] } = exception ?? {};
  const what = [type, message].filter(Boolean).join(': ') || '?';
  const frame = frames.at(-1);
  const place = [where, frame && `${frame.file}:${frame.line}, ${frame.function}`];
  const inside = place.filter(Boolean).join('; ');
  const values = { board, what, place: inside ? ` (${inside})` : '' };
  const key = kind === 'logged' ? 'logged' : 'exception';
  return words(`crash.${key}`, `${board} crashed: ${values.what}${values.place}.`, values);
}
