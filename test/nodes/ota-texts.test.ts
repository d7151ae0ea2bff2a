import assert from 'node:assert/strict';
import type { BoardOutcome, BoardResult, RolloutResult } from '../../core/index';
import { boardText, rolloutText } from '../../nodes/mqboard-ota/outcome-text';
import { OtaStatus } from '../../nodes/mqboard-ota/status';
import type { Words } from '../../nodes/shared/words';
import { texts } from './support/node-files';

function wordsIn(language: string): Words {
  const catalogue = texts('mqboard-ota', language);
  return (key, _otherwise, values = {}) => {
    const text = catalogue.get(`mqboard-ota.${key}`);
    assert.ok(text, key);
    return text.replace(/__(\w+)__/g, (_, name: string) => `${values[name]}`);
  };
}

const english = wordsIn('en-US');
const german = wordsIn('de');
const none: Words = (_key, otherwise) => otherwise;

function result(outcome: BoardOutcome, reason?: string): BoardResult {
  return {
    ...{ board: 'shed', outcome, what: 'app', version: '1.4', attempts: 1 },
    ...{ wireBytes: 0, elapsedMs: 5 },
    ...(reason !== undefined && { reason }),
  };
}

function rollout(state: RolloutResult['state'], results: BoardResult[], why?: string) {
  const counts = {
    updated: 0,
    already: 0,
    'rolled-back': 0,
    failed: 0,
    unreachable: 0,
    refused: 0,
  };
  for (const { outcome } of results) counts[outcome]++;
  return {
    ...{ id: 'x', state, what: 'app' as const, version: '1.4', results, open: [] },
    ...{ counts: { ...counts, open: 0, total: results.length }, wireBytes: 0, elapsedMs: 5 },
    ...(why !== undefined && { why }),
  };
}

describe('The text of a board that was to be updated', () => {
  const outcomes: BoardOutcome[] = [
    ...(['updated', 'already', 'rolled-back', 'failed', 'unreachable', 'refused'] as const),
  ];
  for (const outcome of outcomes) {
    it(`is a sentence for ${outcome}, also where Node-RED has no catalogue`, () => {
      const one = result(outcome, 'it hung');
      const text = boardText(one, english);
      assert.match(text, /^shed .*1\.4.*\.$|^shed was not reached: it hung\.$/);
      assert.equal(boardText(one, none), text);
      assert.match(boardText(one, german), /^shed .*\.$/);
    });
  }

  it('does not end twice what is a sentence already', () => {
    assert.match(boardText(result('failed', 'The flash is full.'), english), /full\.$/);
  });
});

describe('The text of a roll-out', () => {
  it('says why it stopped, how many boards came to what, and which failed', () => {
    const one = rollout(
      'stopped',
      [result('updated'), result('rolled-back', 'it hung')],
      'too many',
    );
    const expected =
      'The roll-out of the application 1.4 was stopped. too many. 1 updated, 1 went back. ' +
      'shed tried 1.4 and went back to what it had: it hung.';
    assert.equal(rolloutText(one, english), expected);
    assert.equal(rolloutText(one, none), expected);
    assert.match(
      rolloutText(one, german),
      /angehalten: Anwendung 1\.4\. too many\. 1 aktualisiert/,
    );
  });

  it('names no more boards than somebody reads', () => {
    const one = rollout('done', Array(40).fill(result('failed', 'it is gone')));
    assert.equal(rolloutText(one, english).match(/it is gone/g)?.length, 5);
  });

  it('says when it was for nobody', () => {
    const text = rolloutText(rollout('done', []), english);
    assert.match(text, /None of the known boards/);
    assert.equal(rolloutText(rollout('done', []), none), text);
  });
});

describe('The status of a roll-out', () => {
  it('counts boards once they are looked up, and not before', () => {
    const shown: unknown[] = [];
    const status = new OtaStatus((said) => shown.push((said as { text: string }).text), english);
    status.onLink({ state: 'connected' });
    let now = rollout('suspended', []);
    status.prepares();
    status.begins(() => ({ now, isPaused: false }));
    now = rollout('suspended', [result('updated'), result('updated')]);
    status.update();
    assert.deepEqual(shown.slice(1), ['reading', '2 of 2']);
  });
});
