import assert from 'node:assert/strict';
import { type CrashReport, lastWords } from '../../core/index';

const report: CrashReport = {
  id: '7a4f.1',
  kind: 'hang',
  restarted: true,
  again: 0,
  up: 100,
  time: Date.UTC(2026, 4, 4, 22, 0, 10) / 1000,
  zone: 120,
  log: ['I 23:59:59.900#a4f.6     main: started', 'W 00:00:09.100#a4f.7~  heating: 81 degrees'],
};

describe('What a board had logged before a crash', () => {
  it('is told as records, each on the day that it was said, in whatever zone the board is', () => {
    const records = lastWords('shed', report);
    const told = records.map(({ time, levelName, name, message }) => [
      time?.toISOString(),
      levelName,
      name,
      message,
    ]);
    assert.deepEqual(told, [
      ['2026-05-04T21:59:59.900Z', 'info', 'main', 'started'],
      ['2026-05-04T22:00:09.100Z', 'warning', 'heating', '81 degrees'],
    ]);
  });

  it('has times also where its clock was set only after they were said', () => {
    const [record] = lastWords('shed', { ...report, log: ['I 90000#a4f.6     main: started'] });
    assert.equal(record?.time?.toISOString(), '2026-05-04T22:00:00.000Z');
  });

  it('tells of no gap where lines are left out', () => {
    const log = ['I 23:59:59.900#a4f.6     main: started', 'W 00:00:09.100#a4f.9  heating: hot'];
    assert.deepEqual(
      lastWords('shed', { ...report, log }).map(({ message }) => message),
      ['started', 'hot'],
    );
  });

  it('keeps what is no log line', () => {
    const [record] = lastWords('shed', { ...report, log: ['Brownout'] });
    assert.deepEqual([record?.name, record?.message], ['', 'Brownout']);
  });
});
