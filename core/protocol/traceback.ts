/** Where the code was when the exception was raised. */
export interface Frame {
  file: string;
  line: number;
  function: string;
}

/** An exception of Python, read from its traceback. */
export interface PythonException {
  /** Such as `ValueError`; empty where the traceback was cut off before it. */
  type: string;
  message: string;
  /** The outermost first, as Python prints them. */
  frames: Frame[];
  /** Its text, without what came before or behind it. */
  traceback: string;
}

export const TRACEBACK = 'Traceback (most recent call last):';
const FRAME = /^\s+File "([^"]*)", line (\d+)(?:, in (.*))?$/;
const EXCEPTION = /^([A-Za-z_][\w.]*)(?:: ?(.*))?$/;

/** Reads the last traceback in `text`. Returns undefined where there is none. */
export function parseTraceback(text: string): PythonException | undefined {
  const start = text.lastIndexOf(TRACEBACK);
  if (start < 0) return undefined;
  const traceback = text.slice(start).trimEnd();
  const lines = traceback.split('\n').map((line) => line.replace(/\r$/, ''));
  const frames: Frame[] = [];
  let last = 0;
  for (const [index, line] of lines.entries()) {
    const [, file, number, name = '<module>'] = FRAME.exec(line) ?? [];
    if (file === undefined) continue;
    frames.push({ file, line: Number(number), function: name });
    last = index;
  }
  const [type, message] = exceptionIn(lines.slice(last + 1));
  return { type, message, frames, traceback };
}

/** The text of an exception may go on below its line. */
function exceptionIn(lines: string[]): [type: string, message: string] {
  for (const [index, line] of lines.entries()) {
    const [, type, message = ''] = EXCEPTION.exec(line) ?? [];
    if (type !== undefined) return [type, [message, ...lines.slice(index + 1)].join('\n')];
  }
  return ['', ''];
}
