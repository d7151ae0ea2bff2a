/** The longest text that Node-RED shows below a node without cutting it. */
const BADGE_LENGTH = 19;

/**
 * What every failure of this package is: `code` for programs, `message` for people (a sentence that
 * says what to do), `badge` for the few characters that fit below a node.
 */
export class MqboardError extends Error {
  readonly code: string;
  readonly badge: string;

  constructor(code: string, badge: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.badge = badge.length > BADGE_LENGTH ? `${badge.slice(0, BADGE_LENGTH - 1)}…` : badge;
  }
}

/** The caller gave something that cannot be used: a prefix, a URL, a variable. */
export class InvalidInputError extends MqboardError {
  constructor(code: string, badge: string, message: string) {
    super(code, badge, message);
  }
}

/** There is no connection to the broker at this moment. Nothing was sent, nothing is kept for later. */
export class NotConnectedError extends MqboardError {
  constructor(message = 'Not connected to the MQTT broker. Nothing was sent.') {
    super('NOT_CONNECTED', 'not connected', message);
  }
}

/** The broker could not be reached, or said no. */
export class LinkError extends MqboardError {
  /** True when it will not heal by itself: a wrong password, a certificate that is not trusted. */
  readonly lasting: boolean;

  constructor(code: string, badge: string, message: string, lasting: boolean, cause?: unknown) {
    super(code, badge, message, cause === undefined ? undefined : { cause });
    this.lasting = lasting;
  }
}

/** The Python code raised an exception. */
export class BoardError extends MqboardError {
  /** The traceback as the board printed it. */
  readonly traceback: string;
  /** What the code printed before. */
  readonly output: string;

  constructor(traceback: string, output: string) {
    const name = headline(traceback);
    super('BOARD_EXCEPTION', /^[\w.]+/.exec(name)?.[0] ?? 'exception', name);
    this.traceback = traceback;
    this.output = output;
  }
}

/** The line of a traceback that names the exception; its text may go on below. */
function headline(traceback: string): string {
  const lines = traceback.trimEnd().split('\n');
  const place = lines.findLastIndex((line) => line.startsWith('  File "'));
  return lines.at(place < 0 ? -1 : place + 1)?.trim() || 'exception without a traceback';
}

/** The deadline passed. The message says what was last heard of the board. */
export class BoardTimeoutError extends MqboardError {
  constructor(message: string, code = 'BOARD_TIMEOUT', badge = 'timeout') {
    super(code, badge, message);
  }
}

/** Neither the broker nor the board has anything to say about a board of this name. */
export class BoardUnknownError extends BoardTimeoutError {
  constructor(message: string) {
    super(message, 'BOARD_UNKNOWN', 'board unknown');
  }
}

/** The board's last will says that it is not there. Nothing was sent. */
export class BoardOfflineError extends MqboardError {
  constructor(message: string) {
    super('BOARD_OFFLINE', 'board offline', message);
  }
}

/** The board restarted in the middle, and it cannot be known whether it ran the command before. */
export class BoardRestartedError extends MqboardError {
  constructor(message: string) {
    super('BOARD_RESTARTED', 'board restarted', message);
  }
}

/** The board did not run the command, and says why. */
export class BoardRefusedError extends MqboardError {
  /** The code of the wire: `large`, `unknown`, `bad`, `busy`. */
  readonly reason: string;

  constructor(reason: string, sentence: string) {
    super('BOARD_REFUSED', `refused: ${reason}`, `The board refused the command: ${sentence}`);
    this.reason = reason;
  }
}

/** A part of the answer was lost for good; the rest would mislead. */
export class OutputLostError extends MqboardError {
  constructor(message: string) {
    super('OUTPUT_LOST', 'output lost', message);
  }
}

/** The caller gave up: its signal was aborted, or its board was closed. */
export class AbortedError extends MqboardError {
  constructor(message = 'Cancelled by the caller.') {
    super('ABORTED', 'cancelled', message);
  }
}
