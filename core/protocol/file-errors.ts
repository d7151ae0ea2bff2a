import { MqboardError } from './errors';

/** By the code of `f`: the text for the badge, and what to do about it. */
const KNOWN: Record<string, [badge: string, advice: string]> = {
  missing: ['no such file', 'Is the path right? It counts from the root of the board.'],
  parent: ['no such folder', 'Make the folder first; put and mkdir can do so ("parents").'],
  folder: ['is a folder', 'Name a file, or choose another place.'],
  file: ['is a file', 'Name a folder, or choose another place.'],
  exists: ['exists already', 'Choose another name, or remove it first.'],
  notempty: ['folder not empty', 'Remove what is in it first, or remove all of it at once.'],
  full: ['flash full', 'Remove files that are not needed.'],
  name: ['bad file name', 'Choose a shorter, or a plainer, name.'],
  readonly: ['read-only', 'This part of the board cannot be changed; choose another folder.'],
  changed: ['file changed', 'Try again when nothing on the board writes to it.'],
  corrupt: [
    'corrupt',
    'Nothing was replaced. Try again; when it stays so, the flash may be worn out.',
  ],
  silent: ['transfer stalled', 'Try again; a transfer goes on where it stopped.'],
  memory: ['out of memory', 'Try again when the board does less, or restart it.'],
  needs: ['not for this board', 'Nothing was changed. Choose one that fits this board.'],
  // The board itself says what to do.
  trial: ['another is on trial', ''],
  slots: [
    'takes no images',
    'Releases of the framework, the application and the configuration work all the same.',
  ],
  io: ['flash error', 'Is the file system mounted, and its flash sound?'],
};

/** What was asked of a file or a folder on a board cannot be. What was there before still is. */
export class BoardFileError extends MqboardError {
  /** The code of the wire: `missing`, `full`, `exists`, ... */
  readonly reason: string;
  /** The path that the command was for. */
  readonly path: string;

  /** `sentence` is what the board said. */
  constructor(reason: string, path: string, prefix: string, sentence: string) {
    const [badge, advice] = KNOWN[reason] ?? ['file error', ''];
    const said = /[.!?]$/.test(sentence) ? sentence : `${sentence || reason}.`;
    super(
      `FILE_${reason.toUpperCase()}`,
      badge,
      `${path} on the board ${prefix}: ${said} ${advice}`.trimEnd(),
    );
    this.reason = reason;
    this.path = path;
  }
}
