import type { PresenceEvent } from '../../core/index';
import type { Words } from '../shared/words';

/** What an event means, in a sentence or three. */
export function presenceText(event: PresenceEvent, words: Words): string {
  const { board, reset = 'unknown', reason, missing, what, version } = event;
  const values = { board, version, what: what && words(`presence.what.${what}`, what) };
  const sentences = [words(`presence.${event.event}`, `${board}: ${event.event}.`, values)];
  if (event.event === 'booted')
    sentences.push(words(`presence.reset.${reset}`, `Reset: ${reset}.`));
  if (reason) {
    const said = reason.replace(/\.$/, '');
    sentences.push(words('presence.reason', `It says: ${said}.`, { reason: said }));
  }
  if (missing) {
    const otherwise = `Log lines lost with the boot before: ${missing}.`;
    sentences.push(words('presence.missing', otherwise, { number: missing }));
  }
  return sentences.join(' ');
}
