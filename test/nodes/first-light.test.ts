import assert from 'node:assert/strict';
import inject from '@node-red/nodes/core/common/20-inject.js';
import tlsConfig from '@node-red/nodes/core/network/05-tls.js';
import { Broker } from '../../demo/broker';
import { createAuthority } from '../../demo/certificates';
import { VirtualBoard } from '../../simulator/index';
import {
  connected,
  evalNode,
  helper,
  loadFlow,
  next,
  node,
  serverNode,
  status,
  surroundings,
} from './support/flow';

describe('First light', () => {
  it('gives 921 from an inject node through TLS and a virtual board to the end of the flow', async function () {
    this.timeout(40_000);
    const authority = await createAuthority();
    const certificate = await authority.issue({ names: ['localhost'] });
    const broker = await Broker.start({ certificate, users: { ada: 'secret' } });
    const account = { user: 'ada', password: 'secret' };
    const url = `mqtts://localhost:${broker.tlsPort}`;
    const board = new VirtualBoard({ url, ca: authority.cert, prefix: 'farm/shed', ...account });
    try {
      await board.start();
      await board.waitForLine(/ready for commands/, 30_000);
      const flow = [
        ...surroundings(),
        {
          id: 'button',
          type: 'inject',
          z: 'tab',
          props: [{ p: 'payload' }],
          payload: '876',
          payloadType: 'num',
          x: 1,
          y: 1,
          wires: [['eval']],
        },
        { id: 'tls', type: 'tls-config', cert: '', key: '', ca: '', verifyservercert: true },
        serverNode(url, { tls: 'tls', prefix: 'farm' }),
        evalNode({
          code: 'a + b',
          variables: [
            { name: 'a', type: 'num', value: '45' },
            { name: 'b', type: 'msg', value: 'payload' },
          ],
        }),
      ];
      const credentials = { server: account, tls: { cadata: authority.cert } };
      await loadFlow(flow as never, credentials, [inject, tlsConfig]);
      await status('eval', connected);
      const answer = next('out');
      node('button').receive({});
      assert.equal((await answer).payload, 921);
    } finally {
      await helper.unload();
      await board.stop();
      await broker.stop();
    }
  });
});
