import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Keeper } from '../../core/fleet/keeper';

describe('The memory of a fleet', () => {
  let saved: number;
  let keeper: Keeper;
  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  const pass = async (seconds: number) => {
    mock.timers.tick(seconds * 1000);
    await settle();
  };

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    saved = 0;
    const save = async () => {
      saved++;
    };
    keeper = new Keeper({ load: async () => undefined, save }, () => 'state');
  });
  afterEach(() => mock.timers.reset());

  it('is written within 5 s of what happens, and no oftener', async () => {
    for (let n = 0; n < 10; n++) {
      keeper.changed();
      await pass(1);
    }
    assert.equal(saved, 2);
    await pass(100);
    assert.equal(saved, 2);
  });

  it('is written once a minute where only numbers go on', async () => {
    for (let n = 0; n < 119; n++) {
      keeper.aged();
      await pass(1);
    }
    assert.equal(saved, 1);
    keeper.changed();
    await pass(5);
    assert.equal(saved, 2);
  });

  it('that cannot be written is told of once, and again when it was better in between', async () => {
    const answers = ['EROFS', 'EROFS', '', 'EROFS', 'EACCES'];
    const save = async () => {
      const answer = answers.shift();
      if (answer) throw new Error(answer);
    };
    const warned: string[] = [];
    mock.method(process, 'emitWarning', (error: Error) => void warned.push(error.message));
    keeper = new Keeper({ load: async () => undefined, save }, () => 'state');
    for (let n = 0; n < 5; n++) {
      keeper.changed();
      await pass(5);
    }
    mock.restoreAll();
    assert.deepEqual(warned, ['EROFS', 'EROFS', 'EACCES']);
  });

  it('that makes no sense keeps nobody from going on', async () => {
    const warned: string[] = [];
    mock.method(process, 'emitWarning', (error: Error) => void warned.push(error.message));
    await keeper.load(() => {
      throw new RangeError('too deep');
    });
    mock.restoreAll();
    assert.deepEqual(warned, ['too deep']);
  });

  it('is written at the end where something is not yet, and not afterwards', async () => {
    keeper.aged();
    await keeper.close();
    assert.equal(saved, 1);
    keeper.changed();
    await pass(100);
    await keeper.close();
    assert.equal(saved, 1);
  });
});
