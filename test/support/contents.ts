import { createHash } from 'node:crypto';
import { seeded } from './random-faults';

export const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

const WORDS = 'def return import self for in range print async await mqtt board if not None'.split(
  ' ',
);

/** Kinds of files, by what compression makes of them; the same seed gives the same bytes. */
export const contents = {
  /** What does not get shorter. */
  random: (size: number, seed: number) => bytes(size, seeded(seed), () => 256),
  /** Letters of a text, which get a little shorter. */
  text: (size: number, seed: number) => bytes(size, seeded(seed), (at) => (at % 7 ? 26 : 1), 97),
  zeros: (size: number) => Buffer.alloc(size),
  /** Source text, which gets a lot shorter. */
  python(size: number, seed: number) {
    const random = seeded(seed);
    let text = '';
    while (text.length < size) {
      const indent = ' '.repeat(4 * Math.floor(random() * 3));
      const word = () => WORDS[Math.floor(random() * WORDS.length)];
      text += `${indent}${word()} ${word()}(${word()}, ${Math.floor(random() * 100)})\n`;
    }
    return Buffer.from(text.slice(0, size));
  },
};

function bytes(size: number, random: () => number, range: (at: number) => number, from = 0) {
  const made = Buffer.alloc(size);
  for (let at = 0; at < size; at++) made[at] = from + Math.floor(random() * range(at));
  return made;
}
