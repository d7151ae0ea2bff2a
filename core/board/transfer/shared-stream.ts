import type { Connection } from '../../link/connection';

export class SharedStream {
  /**
   * Boards have to be allowed to subscribe below `scope`, to `<scope>/mqb/2/share/+`.
   * @throws InvalidInputError for a scope that cannot begin a topic.
   */
  constructor(
    readonly connection: Connection,
    readonly scope: string,
  ) {}

  /** How many bytes were published for all, headers included. */
  bytes(): number {
    return 0;
  }
}
