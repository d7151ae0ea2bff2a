import { describeRoundTrips } from '../../support/round-trips';

describe('Files, to a board and back', () => {
  for (const runtime of ['unix', 'wasm'] as const) {
    describe(`on the ${runtime} runtime, over mosquitto with TLS`, () => {
      describeRoundTrips({ runtime, broker: 'mosquitto', runs: 60 });
    });
  }
  describe('on the unix runtime, over aedes', () => {
    describeRoundTrips({ runtime: 'unix', broker: 'aedes', runs: 30 });
  });
});
