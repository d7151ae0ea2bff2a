import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Story } from '../../core/board/story';

describe('The story of a command whose time is up', () => {
  let now = 0;
  let story: Story;

  beforeEach(() => {
    now = 0;
    mock.method(performance, 'now', () => now);
    story = new Story('shed', { state: 'connected' } as never, { status: 'online' } as never);
  });
  afterEach(() => mock.restoreAll());

  const at = (seconds: number, event: 'accepted' | 'heard') => {
    now = seconds * 1000;
    story.note(event);
  };

  it('says that the board still runs it while the board gives signs of life', () => {
    at(1, 'accepted');
    at(57, 'heard');
    now = 60_000;
    assert.match(
      story.timeoutError().message,
      /within 60\.0 s: it accepted the command 59\.0 s ago and is still running it\.$/,
    );
  });

  it('says that nothing was heard since when the board fell silent', () => {
    at(1, 'accepted');
    at(3, 'heard');
    now = 60_000;
    assert.match(story.timeoutError().message, /; nothing was heard from it for 57\.0 s\. /);
  });

  it('says of a board that sleeps for how long it does', () => {
    const asleep = { status: 'offline', info: { wake: { every: 900, awake: 60 } } };
    story = new Story('shed', { state: 'connected' } as never, asleep as never);
    assert.match(story.offlineError().message, /shed sleeps: for 900 s, then it wakes for 60 s\./);
  });
});
