import type { CrashReport } from '../protocol/crash-report';
import type { LogRecord } from '../protocol/log-record';
import { present } from '../protocol/said';
import { signatureOf } from '../protocol/signature';
import type { PythonException } from '../protocol/traceback';
import type { Member } from './member';
import type { CrashEvent } from './types';

const IN_WORDS = {
  exception: 'exception without a traceback',
  hang: 'hang: the watchdog was not fed',
  unexplained: 'restart that nothing explains',
};

type Found = Pick<CrashEvent, 'id' | 'kind' | 'restarted' | 'at'> & { exception?: PythonException };

/** Takes a report. Returns undefined for one that was told before. */
export function reportedCrash(
  member: Member,
  report: CrashReport,
  now: number,
): CrashEvent | undefined {
  const { id, kind, restarted, again, time, where, exception, trace } = report;
  const times = member.crashes.news(id, again);
  if (times === 0) return undefined;
  member.crashes.told(id, again);
  const at = time === undefined ? undefined : new Date(time * 1000);
  const found: Found = { id, kind, restarted, at, ...(exception && { exception }) };
  return {
    ...counted(member, found, times, now),
    ...present({ where, traceback: trace, report }),
  };
}

/** Takes a traceback in a log. Returns undefined for a board that reports its crashes otherwise. */
export function loggedCrash(member: Member, record: LogRecord): CrashEvent | undefined {
  const { exception, time } = record;
  if (!exception || member.known.info?.do.includes('crash')) return undefined;
  const now = Date.now();
  const id = `log.${now.toString(36)}.${member.crashes.serial()}`;
  const found: Found = { id, kind: 'logged', restarted: false, at: time, exception };
  const { traceback } = exception;
  return { ...counted(member, found, 1, now), where: record.name, traceback };
}

/** Counts a crash, and makes it the board's last one. */
function counted({ known, crashes }: Member, found: Found, times: number, now: number): CrashEvent {
  const { id, kind, restarted, at, exception } = found;
  const signature = signatureOf(kind, exception);
  const when = at?.getTime() ?? now;
  const { count, first, last } = crashes.count(signature, times, when);
  known.crash = { id, signature, headline: headline(found), at: when, count };
  return {
    board: known.board,
    id,
    kind,
    ...(exception && { exception }),
    signature,
    count,
    first: new Date(first),
    last: new Date(last),
    at,
    restarted,
  };
}

function headline({ kind, exception }: Found): string {
  if (!exception) return kind === 'logged' ? '' : IN_WORDS[kind];
  const { type, message } = exception;
  const [line = ''] = message.split('\n');
  return (line === '' ? type : `${type}: ${line}`).slice(0, 200);
}
