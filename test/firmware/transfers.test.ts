import { describeTransfersOn } from '../support/files-behaviour';

describe('On the board for WebAssembly', () => describeTransfersOn('wasm'));
