import assert from 'node:assert/strict';
import { changedConfig, checkKey } from '../../cli/config-change';
import { pythonLiteral, typedValue } from '../../cli/python-literal';

const SOURCE =
  'location = "shed"\nmqtt = {\n    "server": "old",\n}\nsysinfo_config = {"interval": 60}\n';
const HEADING = '# Set by "mqboard config set": what is said here outweighs what stands above.';

/** What the lines at the end are after these changes. */
function setBy(changes: Record<string, unknown>, source = SOURCE): string[] {
  const list = Object.entries(changes).map(([key, value]) => ({ key, value }));
  const [above, below = ''] = changedConfig(source, list).split(`\n${HEADING}\n`);
  assert.equal(`${above}`.trimEnd(), (source.split(`\n${HEADING}\n`)[0] ?? '').trimEnd());
  assert.ok(below.endsWith('\n'));
  return below.trimEnd().split('\n');
}

describe('A change of a configuration', () => {
  it('is a line at the end, and leaves alone what somebody wrote', () => {
    assert.deepEqual(setBy({ location: 'barn' }), ['location = "barn"']);
    assert.deepEqual(setBy({ 'mqtt.server': 'new' }), ['mqtt["server"] = "new"']);
  });

  it('finds the dict under its older name, and makes one that is missing', () => {
    assert.deepEqual(setBy({ 'sysinfo.interval': 5 }), ['sysinfo_config["interval"] = 5']);
    assert.deepEqual(setBy({ 'update.minutes': 5, 'update.boots': 2 }), [
      ...['update = {}', 'update["minutes"] = 5', 'update["boots"] = 2'],
    ]);
  });

  it('reaches a dict within a dict, whether it is there or not', () => {
    assert.deepEqual(setBy({ 'mqtt.ssl_params.ca': '/ca.pem' }), [
      'mqtt.setdefault("ssl_params", {})["ca"] = "/ca.pem"',
    ]);
  });

  it('replaces what was set before, and what was set within it', () => {
    const once = changedConfig(SOURCE, [
      { key: 'mqtt.server', value: 'one' },
      { key: 'location', value: 'x' },
      { key: 'mqtt.ssl_params.ca', value: '/a' },
    ]);
    assert.deepEqual(setBy({ 'mqtt.server': 'two' }, once), [
      ...['location = "x"', 'mqtt.setdefault("ssl_params", {})["ca"] = "/a"'],
      'mqtt["server"] = "two"',
    ]);
    assert.deepEqual(setBy({ mqtt: { server: 'three' } }, once), [
      ...['location = "x"', 'mqtt = {"server": "three"}'],
    ]);
  });

  it('refuses what is no key', () => {
    for (const key of ['', 'a b', '1a', 'a.', 'a."b', 'a\nb']) {
      assert.throws(() => checkKey(key), { code: 'BAD_KEY' }, JSON.stringify(key));
    }
  });
});

describe('A value that somebody typed', () => {
  it('is JSON, a word of Python, or text', () => {
    const typed = ['5', '"5"', 'true', 'True', 'None', '[1, {"a": null}]', 'a b', ''];
    assert.deepEqual(typed.map(typedValue), [
      5,
      '5',
      true,
      true,
      null,
      [1, { a: null }],
      'a b',
      '',
    ]);
  });

  it('is written down as Python', () => {
    const value = [1.5, 'a"\n\\é', true, false, null, { k: [], 'a b': {} }];
    assert.equal(
      pythonLiteral(value),
      '[1.5, "a\\"\\n\\\\é", True, False, None, {"k": [], "a b": {}}]',
    );
  });
});
