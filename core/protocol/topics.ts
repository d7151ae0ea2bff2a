import { InvalidInputError } from './errors';

const MAX_TOPIC_BYTES = 65535;
/** Room for the longest thing that is appended to a prefix, a path on the board included. */
const ROOM_BYTES = 1024;

function badPrefix(sentence: string): InvalidInputError {
  return new InvalidInputError('BAD_PREFIX', 'bad board prefix', sentence);
}

/**
 * Returns `prefix` when it can be the start of a board's topics.
 * @throws InvalidInputError with a sentence that says what is wrong with it.
 */
export function checkPrefix(prefix: unknown): string {
  if (typeof prefix !== 'string' || prefix === '') {
    throw badPrefix('The board prefix is missing. It is the start of its topics, like esp32/test.');
  }
  const shown = JSON.stringify(prefix);
  const wildcard = /[+#]/.exec(prefix);
  if (wildcard) {
    throw badPrefix(
      `The board prefix ${shown} holds "${wildcard[0]}", which MQTT keeps for subscriptions. ` +
        'A prefix names one board: leave it out.',
    );
  }
  if (/[\0\p{Surrogate}]/u.test(prefix)) {
    throw badPrefix(`The board prefix ${shown} holds a character that MQTT does not allow.`);
  }
  if (prefix.startsWith('/') || prefix.endsWith('/')) {
    throw badPrefix(`The board prefix ${shown} must neither begin nor end with "/".`);
  }
  if (prefix.startsWith('$')) {
    throw badPrefix(`The board prefix ${shown} begins with "$", which belongs to the broker.`);
  }
  if (Buffer.byteLength(prefix) > MAX_TOPIC_BYTES - ROOM_BYTES) {
    throw badPrefix('The board prefix is too long for an MQTT topic.');
  }
  return prefix;
}

/** The topics of one board, as `docs/protocol.md` names them. */
export const topics = {
  status: (prefix: string) => `${prefix}/mqb/status`,
  info: (prefix: string) => `${prefix}/mqb/info`,
  /** Where a setting is retained for all boots to come. */
  set: (prefix: string, what: string) => `${prefix}/mqb/set/${what}`,
  command: (prefix: string, host: string) => `${prefix}/mqb/2/cmd/${host}`,
  reply: (prefix: string, host: string) => `${prefix}/mqb/2/reply/${host}`,
  nobody: (prefix: string, host: string) => `${prefix}/mqb/2/cmd/${host}/-`,
  /** What is sent once, for all that take part. */
  share: (scope: string, host: string) => `${scope}/mqb/2/share/${host}`,
  /** With a path, which begins with a slash, the slash is doubled. */
  v1Command: (prefix: string, command: string, id: string, path?: string) =>
    `${prefix}/mqb/cmd/${command}/${id}${path === undefined ? '' : `/${path}`}`,
  v1Output: (prefix: string, id: string) => `${prefix}/mqb/reply/out/${id}`,
  v1Error: (prefix: string, id: string) => `${prefix}/mqb/reply/err/${id}`,
};

/** Whether `topic` is one that a subscription to `filter` (with `+` and `#`) receives. */
export function topicMatches(filter: string, topic: string): boolean {
  if (filter === topic) return true;
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const wanted = filter.split('/');
  const levels = topic.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
