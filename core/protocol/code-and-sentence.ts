/** Takes the data of an `r` or an `f` apart: a code, a space, a sentence. */
export function codeAndSentence(text: string): { code: string; sentence: string } {
  const [, code = 'bad', sentence = text] = /^(\S+) ?(.*)$/s.exec(text) ?? [];
  return { code, sentence };
}
