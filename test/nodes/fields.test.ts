import assert from 'node:assert/strict';
import { dialog, sharedDialogs, texts } from './support/node-files';

type Verdict = string | boolean;
type Validate = (this: object, value: unknown, options: object) => Verdict;

/** Asks a dialog's own rules about the value of a field, outside of any browser. */
function judge(type: string, field: string, value: unknown, node: object = {}): Verdict {
  const english = texts(type, 'en-US');
  let validate: Validate | undefined;
  const registerType = (
    _: string,
    definition: { defaults: Record<string, { validate: Validate }> },
  ) => {
    validate = definition.defaults[field]?.validate;
  };
  const script =
    /<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(dialog(type))?.[1] ?? '';
  const window: { mqboardDialogs?: object } = {};
  new Function('window', '$', sharedDialogs)(window, () => undefined);
  // No dialog is open: every field of the page is missing.
  const page = () => ({ val: () => undefined });
  new Function('RED', '$', 'mqboardDialogs', script)(
    { nodes: { registerType } },
    page,
    window.mqboardDialogs,
  );
  assert.ok(validate, `${type} has rules for ${field}`);
  assert.equal(validate.length, 2, 'else Node-RED would take the reason for a yes');
  return validate.call({ type, _: (key: string) => english.get(key) ?? key, ...node }, value, {});
}

describe('The dialog of mqboard-config', () => {
  const cases: Array<[field: string, value: unknown, verdict: true | RegExp, node?: object]> = [
    ['host', 'broker.example', true],
    ['host', 'mqtts://broker.example:8883', true],
    ['host', 'wss://broker.example/path', true],
    ['host', '192.168.1.4', true],
    ['host', '', /Server is empty/],
    ['host', 'my broker', /must not hold spaces/],
    ['host', 'broker.example/path', /enter a whole URL/],
    ['host', 'http://broker.example', /must begin with mqtt:\/\//],
    ['host', 'mqtt://', /must begin with mqtt:\/\//],
    ['host', 'mqtt://ada:secret@broker.example', /their own fields/],
    ['port', '8883', true],
    ['port', '0', /Port must be/],
    ['port', '65536', /Port must be/],
    ['port', 'x', /Port must be/],
    ['port', '', true, { host: 'mqtts://broker.example' }],
    ['keepalive', '30', true],
    ['keepalive', '1.5', /Keep alive must be/],
    ['timeout', '0.5', true],
    ['timeout', '0', /Timeout must be/],
    ['timeout', '', /Timeout must be/],
    ['timeout', 'soon', /Timeout must be/],
    ['prefix', '', true],
    ['prefix', 'farm/north', true],
    ['prefix', 'farm/+', /must not hold/],
    ['prefix', 'farm/', /neither begin nor end/],
  ];
  for (const [field, value, verdict, node] of cases) {
    it(`${verdict === true ? 'takes' : 'explains why it does not take'} ${field} "${value}"`, () => {
      const said = judge('mqboard-config', field, value, node);
      if (verdict === true) assert.equal(said, true);
      else assert.match(String(said), verdict);
    });
  }
});

describe('The dialog of mqboard-eval', () => {
  const variable = (name: string) => ({ name, type: 'str', value: '' });
  const cases: Array<[field: string, value: unknown, verdict: true | RegExp, node?: object]> = [
    ['board', 'esp32/test', true],
    ['board', '', /Board is empty: enter the name/],
    ['board', '', /enter the property/, { boardType: 'msg' }],
    ['board', 'esp32/+', /must not hold/],
    ['board', '/shed', /neither begin nor end/],
    ['board', 'boards[0]', true, { boardType: 'msg' }],
    ['code', '45+876', true],
    ['code', ' \n', /Python is empty/],
    ['code', '', true, { sourceType: 'msg' }],
    ['source', 'payload.code', true, { sourceType: 'msg' }],
    ['source', '', /Enter a property/, { sourceType: 'msg' }],
    ['source', '', true],
    ['result', 'payload', true],
    ['result', 'answers["the sum"][0]', true],
    ['result', '', /Enter a property/],
    ['result', 'a..b', /Enter a property/],
    ['timeout', '', true],
    ['timeout', '0.5', true],
    ['timeout', '-1', /Timeout must be/],
    ['variables', [variable('pin'), variable('_x2')], true],
    ['variables', [variable('2nd')], /cannot be a variable: a name in Python/],
    ['variables', [variable('lambda')], /Python keeps this word/],
    ['variables', [variable('pin'), variable('pin')], /two variables/],
  ];
  for (const [field, value, verdict, node] of cases) {
    it(`${verdict === true ? 'takes' : 'explains why it does not take'} ${field} ${JSON.stringify(value)}`, () => {
      const said = judge('mqboard-eval', field, value, node);
      if (verdict === true) assert.equal(said, true);
      else assert.match(String(said), verdict);
    });
  }
});

describe('The dialog of mqboard-file', () => {
  const sync = { action: 'sync', syncFrom: 'folder' };
  const cases: Array<[field: string, value: unknown, verdict: true | RegExp, node?: object]> = [
    ['board', 'esp32/test', true, { boardType: 'str' }],
    ['board', '', /Board is empty/, { boardType: 'str' }],
    ['path', '/lib/a.py', true, { action: 'get', pathType: 'str' }],
    ['path', 'Grüße an alle.txt', true, { action: 'get', pathType: 'str' }],
    ['path', '', /Path on board is empty/, { action: 'get' }],
    ['path', '/lib/../a', /must not hold "\.\."/, { action: 'get', pathType: 'str' }],
    ['path', 'a.b', true, { action: 'get', pathType: 'msg' }],
    ['path', '', /Path on board is empty/, sync],
    ['path', '', true, { action: 'sync', syncFrom: 'specification' }],
    ['to', '', /New path is empty/, { action: 'rename' }],
    ['to', '', true, { action: 'get' }],
    ['to', '', true, { action: 'msg' }],
    ['to', '/a/..', /must not hold "\.\."/, { action: 'rename', toType: 'str' }],
    ['content', '', /Value is empty/, { action: 'put', putFrom: 'value', contentType: 'msg' }],
    ['content', '', true, { action: 'put', putFrom: 'value', contentType: 'str' }],
    ['content', '', true, { action: 'put', putFrom: 'file', contentType: 'msg' }],
    ['content', '', true, { action: 'get', contentType: 'msg' }],
    ['local', '', /Local path is empty/, { action: 'put', putFrom: 'file' }],
    ['local', '', true, { action: 'put', putFrom: 'value' }],
    ['local', '', /Local path is empty/, { action: 'get', into: 'file' }],
    ['local', '', /Local path is empty/, sync],
    ['local', '', true, { action: 'sync', syncFrom: 'specification' }],
    ['root', '', true],
    ['root', '/srv/boards', true],
    ['root', '~/boards', /~ has no meaning/],
    ['result', 'payload', true],
    ['result', '', /Enter a property/],
    ['timeout', '', true],
    ['timeout', '0', /Timeout must be/],
  ];
  for (const [field, value, verdict, node] of cases) {
    it(`${verdict === true ? 'takes' : 'explains why it does not take'} ${field} "${value}" ${node ? `with ${JSON.stringify(node)}` : ''}`, () => {
      const said = judge('mqboard-file', field, value, node);
      if (verdict === true) assert.equal(said, true);
      else assert.match(String(said), verdict);
    });
  }
});

describe('The dialog of mqboard-log', () => {
  const cases: Array<[field: string, value: unknown, verdict: true | RegExp]> = [
    ['boards', '', true],
    ['boards', 'shed, barn/+\nfarm/#', true],
    ['boards', '#', true],
    ['boards', 'farm/#/shed', /# stands alone/],
    ['boards', 'shed, far#', /# stands alone/],
    ['boards', 'farm/b+', /\+ stands for a whole level/],
    ['boards', '/shed', /neither begin nor end/],
    ['loggers', '', true],
    ['loggers', 'heat*, !net.debug', true],
    ['loggers', 'two words', /no spaces/],
    ['loggers', 'a, !', /not the name of a logger/],
    ['coalesce', '0', true],
    ['coalesce', '2.5', true],
    ['coalesce', '', true],
    ['coalesce', 'often', /number of seconds/],
    ['limit', '', true],
    ['limit', '50', true],
    ['limit', '0', /whole number above 0/],
    ['limit', '1.5', /whole number above 0/],
  ];
  for (const [field, value, verdict] of cases) {
    it(`${verdict === true ? 'takes' : 'explains why it does not take'} ${field} ${JSON.stringify(value)}`, () => {
      const said = judge('mqboard-log', field, value);
      if (verdict === true) assert.equal(said, true);
      else assert.match(String(said), verdict);
    });
  }
});

describe('The dialog of mqboard-control', () => {
  const cases: Array<[field: string, value: unknown, verdict: true | RegExp, node?: object]> = [
    ['board', 'esp32/test', true],
    ['board', '', /Board is empty/],
    ['level', '', /Log level is empty/, { action: 'log', levelType: 'msg' }],
    ['level', '', true, { action: 'log', levelType: 'usual' }],
    ['level', '', true, { action: 'normal', levelType: 'msg' }],
    ['interval', '10', true, { action: 'sysinfo', intervalType: 'num' }],
    ['interval', '0', true, { action: 'sysinfo', intervalType: 'num' }],
    ['interval', '-1', /number of seconds/, { action: 'sysinfo', intervalType: 'num' }],
    ['interval', '86401', /number of seconds/, { action: 'sysinfo', intervalType: 'num' }],
    ['interval', 'payload', true, { action: 'sysinfo', intervalType: 'msg' }],
    ['interval', 'often', true, { action: 'normal', intervalType: 'num' }],
    ['every', '0', true, { action: 'wake', everyType: 'num' }],
    ['every', '', true, { action: 'wake', everyType: 'num' }],
    ['every', '', /property that holds it/, { action: 'wake', everyType: 'msg' }],
    ['every', '604801', /Sleep must be/, { action: 'wake', everyType: 'num' }],
    ['awake', '0', /Awake must be/, { action: 'wake', awakeType: 'num' }],
    ['awake', '0', true, { action: 'log', awakeType: 'num' }],
    ['result', '', /Enter a property/],
    ['timeout', '0', /Timeout must be/],
  ];
  for (const [field, value, verdict, node] of cases) {
    it(`${verdict === true ? 'takes' : 'explains why it does not take'} ${field} "${value}" ${node ? `with ${JSON.stringify(node)}` : ''}`, () => {
      const said = judge('mqboard-control', field, value, node);
      if (verdict === true) assert.equal(said, true);
      else assert.match(String(said), verdict);
    });
  }
});

describe('The dialog of mqboard-ota', () => {
  const file = { what: 'app', from: 'file' };
  const url = { what: 'image', from: 'url', urlType: 'str' };
  const cases: Array<[field: string, value: unknown, verdict: true | RegExp, node?: object]> = [
    ['board', 'shed, farm/+, yard/#, #', true],
    ['board', ' , ', /Boards is empty/],
    ['board', 'farm/#/shed', /cannot be a board/],
    ['board', '/shed', /cannot be a board/],
    ['board', 'fa+', /cannot be a board/],
    ['board', 'to[0]', true, { boardType: 'msg' }],
    ['board', '', /property that holds the names/, { boardType: 'msg' }],
    ['local', '', /Local path is empty/, file],
    ['local', '', true, { what: 'framework', from: 'file' }],
    ['local', '', true, url],
    ['content', '', /Value is empty/, { what: 'image', from: 'value' }],
    ['url', 'https://files.example/a.bin', true, url],
    ['url', 'files.example/a.bin', /must begin with https/, url],
    ['url', 'https://ada:secret@files.example/a.bin', /no password/, url],
    ['url', 'https://files.example', /name a file/, url],
    ['url', 'payload.url', true, { ...url, urlType: 'msg' }],
    ['url', '', true, file],
    ['root', '~/boards', /~ has no meaning/],
    ['to', '/src', true, file],
    ['to', 'src', /path from \/ on/, file],
    ['to', '/src/../lib', /path from \/ on/, file],
    ['needs', '', true, file],
    ['needs', '{"kind": "gate"}', true, { ...file, needsType: 'json' }],
    ['needs', '1.24', /JSON object/, { ...file, needsType: 'json' }],
    ['needs', '{kind}', /JSON object/, { ...file, needsType: 'json' }],
    ['waves', '', true],
    ['waves', '5, 25 %, 100%', true],
    ['waves', '0', /separated by commas/],
    ['waves', 'half', /separated by commas/],
    ['canaries', '0', true],
    ['canaries', '0.5', /whole number/],
    ['atOnce', '0', /whole number of at least __least__/],
    ['stopPercent', '12.5', true],
    ['stopPercent', '-1', /number of at least/],
    ['deadline', 'soon', /number of at least/, { wake: true }],
    ['deadline', 'soon', true, { wake: false }],
    ['quarantine', '0', true],
  ];
  for (const [field, value, verdict, node] of cases) {
    it(`${verdict === true ? 'takes' : 'explains why it does not take'} ${field} "${value}" ${node ? `with ${JSON.stringify(node)}` : ''}`, () => {
      const said = judge('mqboard-ota', field, value, node);
      if (verdict === true) assert.equal(said, true);
      else assert.match(String(said), verdict);
    });
  }
});
