import assert from 'node:assert/strict';
import { decodeFrame, encodeFrame, type FrameKind } from '../../core/protocol/frame';
import { decodeV1, encodeV1, isAcknowledgementV1 } from '../../core/protocol/header-v1';
import { parseLogLine } from '../../core/protocol/log-line';
import { pythonToJs } from '../../core/protocol/python-values';
import { encodeVariables } from '../../core/protocol/variables';
import { logLines, v1Messages, v2Frames, v2Variables } from '../support/vectors';

const bytes = (hex: string) => Buffer.from(hex, 'hex');

describe('The wire, on the vectors that both halves share', () => {
  for (const { name, sequence, last, data, payload, acknowledgement } of v1Messages()) {
    it(`reads and writes version 1: ${name}`, () => {
      const message = { sequence, last, data: bytes(data) };
      assert.equal(encodeV1(message).toString('hex'), payload);
      assert.deepEqual(decodeV1(bytes(payload)), message);
      assert.equal(isAcknowledgementV1(message), acknowledgement === true);
    });
  }

  for (const { name, kind, last, marked = false, id, n, data, payload } of v2Frames()) {
    it(`reads and writes version 2: ${name}`, () => {
      const encoded = encodeFrame(kind as FrameKind, id, n, bytes(data), last, marked);
      assert.equal(encoded.toString('hex'), payload);
      const frame = { kind, last, marked, id, n, data: bytes(data) };
      assert.deepEqual(decodeFrame(bytes(payload)), frame);
    });
  }

  for (const { name, vars, python, tagged } of v2Variables()) {
    it(`sends variables: ${name}`, () => {
      const values = Object.entries(python).map(([key, text]) => [key, pythonToJs(text)]);
      assert.deepEqual(
        encodeVariables(Object.fromEntries(values)),
        tagged ? { vars, tagged } : { vars },
      );
    });
  }

  for (const { name, payload, line } of logLines()) {
    it(`reads log lines: ${name}`, () => {
      assert.deepEqual(parseLogLine(Buffer.from(payload)), { backlog: false, ...line });
    });
  }

  it('ignores payloads that are too short, and frames of an unknown kind', () => {
    assert.equal(decodeV1(bytes('80')), undefined);
    assert.equal(decodeFrame(bytes('760100000001000000')), undefined);
    assert.equal(decodeFrame(bytes('7a010000000100000000')), undefined);
  });
});
