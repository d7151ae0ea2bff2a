import assert from 'node:assert/strict';
import { runPython } from '../support/micropython';

/** What the board logs about a configuration, and the modules it leaves out. */
async function check(config: string): Promise<string[]> {
  const lines = await runPython(
    `
import check_config, board_config, logging
def settings(config, name):
    for key in (name + "_config", name):
        found = getattr(config, key, None)
        if isinstance(found, dict): return found
    return {}
print("broken", check_config.report(board_config, settings, logging.getLogger("main")))
print("modules", board_config.modules)
`,
    { files: { '/stubs/board_config.py': config } },
  );
  return lines.map((line) => line.replace(/^[EW] \S+ +/, ''));
}

const GOOD = `
modules = ["mqtt", "logging", "mqrepl", "other"]
mqtt = {"server": "broker", "port": 8883, "user": None, "ssl_params": {}}
logging = {"topic": "t/log", "loop_sz": 100}
mqrepl = {"prefix": "t/mqb/"}
`;

describe('A mistake in board_config.py', () => {
  it('is none in a configuration as it should be', async () => {
    assert.deepEqual(await check(GOOD), [
      'broken []',
      "modules ['mqtt', 'logging', 'mqrepl', 'other']",
    ]);
  });

  it('is none in the style of the original', async () => {
    const old = GOOD.replaceAll(/^(mqtt|logging|mqrepl) =/gm, '$1_config =');
    assert.deepEqual((await check(`import logging\n${old}`))[0], 'broken []');
  });

  it('is told by the name of a missing key and what was expected', async () => {
    const lines = await check(`${GOOD}del mqtt["server"]\nmqrepl = {}\n`);
    assert.deepEqual(lines.slice(0, 3), [
      "main: mqtt.server is missing: expected the broker's host name or address, as text",
      "main: mqrepl.prefix is missing: expected the board's prefix and '/mqb/', as text",
      "broken ['mqtt', 'mqrepl']",
    ]);
  });

  it('is told by type, without the value, which may be a secret', async () => {
    const lines = await check(`${GOOD}mqtt["password"] = 1234\nmqtt["port"] = True\n`);
    assert.deepEqual(lines.slice(0, 5), [
      'main: mqtt.port: expected a number, not bool',
      'main: mqtt.port: going on without it',
      'main: mqtt.password: expected text, not int',
      'main: mqtt.password: going on without it',
      'broken []',
    ]);
  });

  it('keeps a board off the network when it could cost the encryption', async () => {
    const lines = await check(`${GOOD}mqtt["ssl_params"] = "/ca.pem"\n`);
    assert.match(lines[0] ?? '', /^main: mqtt\.ssl_params: expected a dict/);
    assert.equal(lines[1], "broken ['mqtt']");
  });

  it('is a module named twice, or mqrepl without mqtt in front of it', async () => {
    assert.deepEqual(await check(`${GOOD}modules = ["mqrepl", "own", "mqtt", "own"]\n`), [
      'main: modules: own is named twice',
      'main: modules: mqrepl needs mqtt in front of it',
      'broken []',
      "modules ['mqtt', 'mqrepl', 'own']",
    ]);
  });

  it('is a name with wildcards in the prefix', async () => {
    const [line] = await check(`${GOOD}mqrepl["prefix"] = "a/+/mqb/"\n`);
    assert.match(line ?? '', /^main: mqrepl\.prefix: expected no '\+'/);
  });

  it('does not keep the board from being reached when modules is no list', async () => {
    const lines = await check(`${GOOD}modules = "mqtt"\n`);
    assert.match(lines[0] ?? '', /^main: modules: expected a list of names .* not 'mqtt'$/);
    assert.equal(lines.at(-1), "modules ['mqtt', 'logging', 'mqrepl']");
  });

  it('is a value where a dict belongs', async () => {
    const [line] = await check(`${GOOD}other = 5\n`);
    assert.equal(line, 'main: other: expected a dict, not 5');
  });
});
