import assert from 'node:assert/strict';
import { once } from 'node:events';
import { AbortedError } from '../../core/index';
import { BoardWorker, type Turn } from '../../nodes/shared/board-worker';

describe('A worker for boards', () => {
  it('is closed only when what it cancelled has tidied up', async () => {
    let tidied = () => {};
    const tidying = new Promise<void>((resolve) => {
      tidied = resolve;
    });
    let begun = () => {};
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const work = {
      longestQueue: 1,
      read: async () => ({ boards: ['shed'], several: false }),
      run: async (_job: object, { signal }: Turn) => {
        begun();
        await once(signal, 'abort');
        await tidying;
        throw new AbortedError();
      },
    };
    const server = { register: () => {}, deregister: async () => {}, board: () => ({}) };
    const node = { status: () => {}, error: () => assert.fail('a closed node reports nothing') };
    const words = (_: string, otherwise: string) => otherwise;
    const worker = new BoardWorker({} as never, node as never, words, work);
    worker.use(server as never);
    const errors: Array<Error | undefined> = [];
    const send = () => assert.fail('a closed node sends nothing');
    void worker.input({} as never, send, (error) => errors.push(error));
    await running;
    let closed = false;
    const closing = worker.close().then(() => {
      closed = true;
    });
    await new Promise(setImmediate);
    assert.equal(closed, false);
    tidied();
    await closing;
    assert.deepEqual(errors, [undefined]);
  });
});
