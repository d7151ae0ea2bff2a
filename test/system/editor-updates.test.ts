import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { DemoProcess } from '../support/demo-process';
import { systemTool } from '../support/system-tool';

/** Set it to see the dialogs: the start of the pictures' paths. */
const PICTURES = process.env.MQBOARD_UPDATES_DIALOG;
const EXAMPLES = join(__dirname, '..', '..', 'examples');
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];

interface Words {
  language: string;
  image: RegExp;
  noLocal: RegExp;
  noAddress: RegExp;
  badWaves: RegExp;
  noBoards: RegExp;
  safe: RegExp;
  safeHint: RegExp;
  usual: RegExp;
  badInterval: RegExp;
  badAwake: RegExp;
}

const languages: Words[] = [
  {
    language: 'en-US',
    image: /a firmware image/,
    noLocal: /Local path is empty/,
    noAddress: /must begin with https/,
    badWaves: /separated by commas: 5, 25 %, 100 %/,
    noBoards: /Boards is empty/,
    safe: /safe: restart into safe mode/,
    safeHint: /every command works/,
    usual: /as configured on the board/,
    badInterval: /must be a number of seconds/,
    badAwake: /Awake must be/,
  },
  {
    language: 'de',
    image: /ein Firmware-Image/,
    noLocal: /Lokaler Pfad ist leer/,
    noAddress: /muss mit https:/,
    badWaves: /durch Kommas getrennt: 5, 25 %, 100 %/,
    noBoards: /Boards ist leer/,
    safe: /safe: Neustart in den abgesicherten Modus/,
    safeHint: /jeder Befehl geht/,
    usual: /wie auf dem Board konfiguriert/,
    badInterval: /muss eine Zahl von Sekunden sein/,
    badAwake: /Wach muss/,
  },
];

function example(name: string): Array<{ id: string; type: string; name?: string }> {
  return JSON.parse(readFileSync(join(EXAMPLES, name), 'utf8'));
}

describe('The dialogs for updates and control in the editor', () => {
  let folder: string;
  let demo: DemoProcess;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const idOf = (flow: string, type: string) =>
    example(flow).find((node) => node.type === type)?.id ?? '';
  const ota = idOf('update-at-night.json', 'mqboard-ota');
  const control = idOf('safe-mode.json', 'mqboard-control');

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mqboard-editor-updates-'));
    const flows = ['first-light.json', 'update-at-night.json', 'safe-mode.json'].flatMap(example);
    const nodes = [...new Map(flows.map((node) => [node.id, node])).values()];
    mkdirSync(join(folder, 'node-red'));
    writeFileSync(join(folder, 'node-red', 'flows.json'), JSON.stringify(nodes));
    demo = await DemoProcess.start({ folder });
    browser = await chromium.launch({ executablePath: await systemTool('chromium'), args: FLAGS });
  });
  after(async () => {
    await browser?.close();
    await demo?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(locale: string, tab: string): Promise<void> {
    const viewport = { width: 1280, height: 1500 };
    page = await (await browser.newContext({ viewport, locale })).newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(demo.url);
    await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
    await page.locator('#red-ui-workspace-tabs').getByText(tab).click();
  }
  afterEach(async () => {
    await page.context().close();
    assert.deepEqual(complaints, []);
  });

  async function edit(id: string): Promise<void> {
    await page.locator(`[id="${id}"]`).dblclick();
    await page.waitForFunction(() => {
      const top = [...document.querySelectorAll('.red-ui-tray')].at(-1);
      return top?.contains(document.activeElement);
    });
  }

  async function done(): Promise<void> {
    await page.locator('#node-dialog-ok').click();
    await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
  }

  const field = (name: string) => page.locator(`#node-input-${name}`);
  const typed = (name: string) =>
    page.locator(`#node-input-${name} + .red-ui-typedInput-container input`).first();
  const said = (text: RegExp) => page.locator('.mqboard-wrong:visible').filter({ hasText: text });

  for (const words of languages) {
    it(`show what an update needs, and what is wrong, in ${words.language}`, async () => {
      await open(words.language, 'Update all boards at night');
      await edit(ota);
      const row = (name: string) => page.locator(`.mqboard-ota [data-field="${name}"]`);
      await page.locator('#node-input-what option').filter({ hasText: words.image }).waitFor({
        state: 'attached',
      });
      for (const name of ['local', 'root', 'ignore', 'needs']) await row(name).waitFor();
      for (const name of ['url', 'content', 'deadline']) {
        assert.equal(await row(name).isVisible(), false, name);
      }
      if (PICTURES) await page.screenshot({ path: `${PICTURES}-ota-${words.language}.png` });
      await typed('local').fill('');
      await said(words.noLocal).waitFor();
      await field('what').selectOption('image');
      await row('ignore').waitFor({ state: 'hidden' });
      await field('from').selectOption('url');
      await typed('url').fill('files.example/firmware.bin');
      await said(words.noAddress).waitFor();
      await typed('url').fill('https://files.example/firmware.bin');
      await said(words.noAddress).waitFor({ state: 'hidden' });
      await field('waves').fill('half');
      await said(words.badWaves).waitFor();
      await field('waves').fill('10, 50 %');
      await said(words.badWaves).waitFor({ state: 'hidden' });
      await field('wake').check();
      await row('deadline').waitFor();
      await page.evaluate(
        "$('#node-input-board').typedInput('type', 'str').typedInput('value', '')",
      );
      await said(words.noBoards).waitFor();
      for (const board of ['demo/shed', 'demo/barn']) {
        await page.locator('.mqboard-known-button').click();
        await page.locator('.mqboard-known-board').filter({ hasText: board }).click();
      }
      assert.equal(await field('board').inputValue(), 'demo/shed, demo/barn');
      await field('progress').uncheck();
      await done();
      const ports = page.locator(`[id="${ota}"] .red-ui-flow-port-output`);
      assert.equal(await ports.count(), 1);
    });

    it(`show what an action needs, and what it does, in ${words.language}`, async () => {
      await open(words.language, 'Back from safe mode');
      await edit(control);
      const row = (name: string) => page.locator(`.mqboard-control [data-field="${name}"]`);
      await field('action').selectOption('safe');
      await page.locator('#node-input-action option').filter({ hasText: words.safe }).waitFor({
        state: 'attached',
      });
      await page
        .locator('#mqboard-control-action-hint')
        .filter({ hasText: words.safeHint })
        .waitFor();
      for (const name of ['why', 'wait', 'keep']) await row(name).waitFor();
      if (PICTURES) await page.screenshot({ path: `${PICTURES}-control-${words.language}.png` });
      await field('action').selectOption('log');
      await row('level').waitFor();
      await row('why').waitFor({ state: 'hidden' });
      await page.evaluate("$('#node-input-level').typedInput('type', 'usual')");
      await row('level').filter({ hasText: words.usual }).waitFor();
      await field('action').selectOption('sysinfo');
      await typed('interval').fill('-1');
      await said(words.badInterval).waitFor();
      await typed('interval').fill('10');
      await said(words.badInterval).waitFor({ state: 'hidden' });
      await field('action').selectOption('wake');
      await row('keep').waitFor();
      await typed('awake').fill('0');
      await said(words.badAwake).waitFor();
      await typed('awake').fill('');
      await said(words.badAwake).waitFor({ state: 'hidden' });
      await field('action').selectOption('confirm');
      await row('options').waitFor({ state: 'hidden' });
      await done();
    });
  }
});
