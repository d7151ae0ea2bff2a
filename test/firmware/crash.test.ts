import assert from 'node:assert/strict';
import { FileHost } from '../support/file-host';

describe('A crash of a task', () => {
  let host: FileHost;

  before(async () => {
    host = await FileHost.start('crashes/of/tasks');
    await host.raw.client.subscribeAsync(`${host.prefix}/mqb/crash/+`, { qos: 1 });
  });

  after(() => host.stop());

  it('is reported, retained, until a host has said that it has it', async () => {
    await host.eval('import asyncio\nasync def f(): raise ValueError("too hot")');
    await host.eval('asyncio.create_task(f())');
    const { topic, payload, qos } = await host.raw.message(({ topic }) => /\/crash\//.test(topic));
    const report = JSON.parse(payload.toString());
    console.log(report);
    assert.equal(topic, `${host.prefix}/mqb/crash/${report.id}`);
    assert.equal(qos, 1);
    console.log(await host.value('crash', {}));
    console.log(await host.value('crash', { id: report.id }));
    console.log(await host.value('crash', { seen: [report.id] }));
    const cleared = await host.raw.message(({ topic }) => /\/crash\//.test(topic));
    console.log(cleared, host.raw.board.lines);
  });
});
