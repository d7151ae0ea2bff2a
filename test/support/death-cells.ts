import type { CrashEvent, PresenceEvent } from '../../core/index';

/** A message as a bare client got it; its topic without the board's prefix. */
export interface Said {
  topic: string;
  text: string;
}

const code = (text: unknown) => `\`${String(text).replaceAll('|', '\\|')}\``;
const named = (names: Record<string, unknown>) =>
  Object.entries(names)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => (value === true ? name : `${name} ${code(value)}`))
    .join(', ');

/** What the board said, topic by topic. */
export function wireCell(said: Said[]): string {
  const crashes = said.filter(({ topic }) => topic.startsWith('mqb/crash/')).map(crashSaid);
  const status = said.filter(({ topic }) => topic === 'mqb/status').map(({ text }) => text);
  const info = said.filter(({ topic }) => topic === 'mqb/info').map(({ text }) => infoSaid(text));
  return [
    ...(crashes.length > 0 ? [`crash: ${crashes.join(', then ')}`] : []),
    ...(status.length > 0 ? [`status: ${status.join(', ')}`] : []),
    ...info.map((facts) => `info: ${facts}`),
    ...logSaid(said),
  ].join('<br>');
}

function crashSaid({ text }: Said): string {
  if (text === '') return 'cleared';
  const { kind, where, trace = '', restarted } = JSON.parse(text);
  const last = trace.trimEnd().split('\n').at(-1) || undefined;
  return [kind, named({ where, trace: last, restarted })].filter(Boolean).join(', ');
}

function infoSaid(text: string): string {
  const { reset, cause, reason } = JSON.parse(text);
  return named({ reset, cause, reason });
}

/** The first and the last line of each error. */
function logSaid(said: Said[]): string[] {
  const lines = said
    .filter(({ topic, text }) => topic === 'log' && /^[EC] /.test(text))
    .map(({ text }) => /^(.) \S+ +(.*)$/s.exec(text))
    .map((match) => `${match?.[1]} ${match?.[2]}`);
  const first = lines[0];
  if (first === undefined) return [];
  const last = lines.at(-1) ?? '';
  return [`log: ${code(first)}${last === first ? '' : ` ... ${code(last)}`}`];
}

/** Payloads of output 2. */
export function crashCell(crashes: CrashEvent[]): string {
  return crashes
    .map(({ kind, where, exception, restarted, count, report }) => {
      const { type = '', message = '', frames = [] } = exception ?? {};
      const what = exception && [type, message].filter(Boolean).join(': ');
      const place = frames.at(-1)?.function;
      const times = count === 1 ? undefined : count;
      const before = report?.log.at(-1)?.replace(/^(.) \S+ +/, '$1 ');
      const facts = { where, exception: what, in: place, restarted, count: times };
      return [kind, named({ ...facts, 'said before': before })].filter(Boolean).join(', ');
    })
    .join('<br>');
}

/** Payloads of output 4. */
export function presenceCell(events: PresenceEvent[]): string {
  return events
    .map(({ event, reset, cause, reason }) =>
      [event, named({ reset, cause, reason })].filter(Boolean).join(', '),
    )
    .join('<br>');
}
