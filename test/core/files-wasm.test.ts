import { describeRoundTrips } from '../support/round-trips';

describe('Files, to a board in WebAssembly and back', () => {
  describeRoundTrips({ runtime: 'wasm', broker: 'aedes', runs: 40 });
});
