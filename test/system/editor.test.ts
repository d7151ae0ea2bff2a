import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { Broker } from '../../demo/broker';
import { DemoProcess } from '../support/demo-process';
import { systemTool } from '../support/system-tool';

/** Set it to write the picture that the README shows. */
const SCREENSHOT = process.env.MQBOARD_SCREENSHOT;
/** Set it to see the dialog of mqboard-file: the start of the pictures' paths. */
const FILE_DIALOG = process.env.MQBOARD_FILE_DIALOG;
const PICTURE = join(__dirname, '..', '..', 'docs', 'images', 'first-light.png');

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Nodes of the first example, by their ids. */
const SUM = '6d71626f61726413';
const SUM_BUTTON = '6d71626f61726412';
const WHO_BUTTON = '6d71626f61726415';
const MISTAKE_BUTTON = '6d71626f61726418';

/** Nodes of the example with files. */
const READ = '6d71626f61726466';
const WRITE_BUTTON = '6d71626f61726464';
const READ_BUTTON = '6d71626f61726467';

interface Words {
  language: string;
  test: string;
  connected: RegExp;
  wrongPassword: RegExp;
  refused: RegExp;
  noHost: RegExp;
  noBoard: RegExp;
  noPath: RegExp;
  noLocal: RegExp;
}

const languages: Words[] = [
  {
    language: 'en-US',
    test: 'Test connection',
    connected: /^Connected to mqtts:\/\/localhost/,
    wrongPassword: /User or password is wrong/,
    refused: /Nothing listens on that port/,
    noHost: /Server is empty/,
    noBoard: /Board is empty/,
    noPath: /Path on board is empty/,
    noLocal: /Local path is empty/,
  },
  {
    language: 'de',
    test: 'Verbindung testen',
    connected: /^Verbunden mit mqtts:\/\/localhost/,
    wrongPassword: /Benutzer oder Passwort ist falsch/,
    refused: /Auf diesem Port antwortet niemand/,
    noHost: /Server ist leer/,
    noBoard: /Board ist leer/,
    noPath: /Pfad auf Board ist leer/,
    noLocal: /Lokaler Pfad ist leer/,
  },
];

describe("Node-RED's editor, with the demo", () => {
  let folder: string;
  let demo: DemoProcess;
  let browser: Browser;
  let guarded: Broker;
  let page: Page;
  /** What the browser complained about, and whom it asked besides Node-RED. */
  let complaints: string[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mqboard-editor-'));
    demo = await DemoProcess.start({ folder });
    guarded = await Broker.start({ users: { ada: 'secret' } });
    browser = await chromium.launch({
      executablePath: await systemTool('chromium'),
      args: FLAGS,
    });
  });
  after(async () => {
    await browser?.close();
    await guarded?.stop();
    await demo?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(locale: string): Promise<void> {
    const viewport = { width: 1280, height: 720 };
    page = await (await browser.newContext({ viewport, locale })).newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(demo.url) && /^(https?|wss?):/.test(url) && !url.startsWith('ws://127'))
        complaints.push(`asked ${url}`);
    });
    await page.goto(demo.url);
    await page.locator(`[id="${SUM}"]`).waitFor();
    await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
  }

  afterEach(async () => {
    await page.context().close();
    assert.deepEqual(complaints, []);
  });

  const button = (id: string) => page.locator(`[id="${id}"] .red-ui-flow-node-button-button`);
  /** When a dialog has slid in it takes the focus, also from who has begun to type into it. */
  const dialogHasFocus = () =>
    page.waitForFunction(() => {
      const top = [...document.querySelectorAll('.red-ui-tray')].at(-1);
      return top?.contains(document.activeElement);
    });
  const messages = () => page.locator('.red-ui-debug-msg-payload');

  it('shows 921 in the debug sidebar after a click, sys.implementation and a traceback after others', async () => {
    await open('en-US');
    await page.locator('#red-ui-tab-debug-link-button').click();
    await button(SUM_BUTTON).click();
    await messages().filter({ hasText: /^921$/ }).waitFor();
    await button(WHO_BUTTON).click();
    await messages()
      .filter({ hasText: /name='micropython'/ })
      .waitFor();
    await button(MISTAKE_BUTTON).click();
    await messages()
      .filter({ hasText: /^"Traceback \(most recent call last\)/ })
      .waitFor();
    if (SCREENSHOT) {
      mkdirSync(join(PICTURE, '..'), { recursive: true });
      await page.mouse.move(600, 640);
      await page.locator('.red-ui-notification').last().waitFor({ state: 'detached' });
      await page.screenshot({ path: PICTURE });
    }
  });

  const showFiles = () => page.locator('#red-ui-workspace-tabs').getByText('Files').click();

  it('writes a file on a board and reads it again', async () => {
    await open('en-US');
    await page.locator('#red-ui-tab-debug-link-button').click();
    await showFiles();
    await button(WRITE_BUTTON).click();
    await messages()
      .filter({ hasText: /action: "put"/ })
      .waitFor();
    await button(READ_BUTTON).click();
    await messages()
      .filter({ hasText: /valve: 3/ })
      .waitFor();
  });

  for (const words of languages) {
    it(`shows what an action needs in the dialog for files, and what is missing, in ${words.language}`, async () => {
      await open(words.language);
      await showFiles();
      await page.locator(`[id="${READ}"]`).dblclick();
      await dialogHasFocus();
      const row = (field: string) => page.locator(`.mqboard-file [data-field="${field}"]`);
      const typed = (field: string) => row(field).locator('.red-ui-typedInput-container input');
      const said = (text: RegExp) =>
        page.locator('.mqboard-wrong:visible').filter({ hasText: text });
      await row('into').waitFor();
      for (const field of ['local', 'content', 'options']) {
        assert.equal(await row(field).isVisible(), false, field);
      }
      await typed('path').first().fill('');
      await said(words.noPath).waitFor();
      await page.locator('#node-input-into').selectOption('file');
      await said(words.noLocal).waitFor();
      await page.locator('#node-input-action').selectOption('sync');
      for (const field of ['syncFrom', 'local', 'root', 'ignore', 'dryRun', 'extra', 'mpy']) {
        await row(field).waitFor();
      }
      assert.equal(await row('into').isVisible(), false);
      await page.locator('#node-input-syncFrom').selectOption('specification');
      await row('content').waitFor();
      await row('path').waitFor({ state: 'hidden' });
      if (FILE_DIALOG) await page.screenshot({ path: `${FILE_DIALOG}-${words.language}.png` });
      await page.locator('#node-dialog-ok').click();
      await page.locator('.mqboard-file').waitFor({ state: 'detached' });
    });
  }

  for (const words of languages) {
    it(`explains wrong fields and tests connections, in ${words.language}`, async () => {
      await open(words.language);
      await page.locator(`[id="${SUM}"]`).dblclick();
      await page.locator('#mqboard-eval-editor .monaco-editor').waitFor();
      await dialogHasFocus();
      await page.locator('#node-input-board + .red-ui-typedInput-container input').fill('');
      await page.locator('.mqboard-wrong').filter({ hasText: words.noBoard }).waitFor();

      await page.locator('#node-input-btn-server-edit').click();
      const test = page.locator('#mqboard-config-test');
      const result = page.locator('#mqboard-config-test-result');
      const field = (name: string) => page.locator(`#node-config-input-${name}`);
      await test.waitFor();
      await dialogHasFocus();
      assert.equal((await test.textContent())?.trim(), words.test);
      await test.click();
      await page.locator('#mqboard-config-test-result.good').waitFor();
      assert.match((await result.textContent()) ?? '', words.connected);

      await field('host').fill('127.0.0.1');
      await field('protocol').selectOption('mqtt');
      await field('port').fill(`${guarded.port}`);
      await field('user').fill('ada');
      await field('password').fill('guess');
      await test.click();
      await page.locator('#mqboard-config-test-result.bad').waitFor();
      assert.match((await result.textContent()) ?? '', words.wrongPassword);

      await field('password').fill('secret');
      await test.click();
      await page.locator('#mqboard-config-test-result.good').waitFor();

      await field('port').fill('1');
      await test.click();
      await page.locator('#mqboard-config-test-result.bad').waitFor();
      assert.match((await result.textContent()) ?? '', words.refused);

      await field('host').fill('');
      await page.locator('.mqboard-wrong').filter({ hasText: words.noHost }).waitFor();
    });
  }
});
