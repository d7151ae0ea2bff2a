/** How the lines of a level look, and what is said besides; the levels as the original has them. */
const STYLES = {
  debug: '2',
  info: '32',
  warning: '1;33',
  error: '1;31',
  critical: '1;35',
  event: '36',
} as const;

export type Style = keyof typeof STYLES;
export type Paint = (style: Style, text: string) => string;

/** Paints for a terminal. */
export const coloured: Paint = (style, text) => `\x1b[${STYLES[style]}m${text}\x1b[0m`;

/** Leaves the text alone. */
export const plain: Paint = (_style, text) => text;

/**
 * Colours where a terminal shows them, unless `wish` (the option --color or --no-color) or NO_COLOR, see
 * no-color.org, say otherwise.
 */
export function paintFor(
  wish: boolean | undefined,
  isTerminal: boolean | undefined,
  env: Record<string, string | undefined>,
): Paint {
  const usual = isTerminal === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return (wish ?? usual) ? coloured : plain;
}

/** Shows control characters instead of obeying them: a board must not move the cursor, or ring the bell. */
export function harmless(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
    /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
