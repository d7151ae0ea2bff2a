import { MqboardError } from '../core/index';

/** The board tried it, and went back to what it had before. */
export class UpdateUndoneError extends MqboardError {
  constructor(sentence: string) {
    super('UPDATE_UNDONE', 'undone', sentence);
  }
}
