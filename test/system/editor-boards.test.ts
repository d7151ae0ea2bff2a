import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { DemoProcess } from '../support/demo-process';
import { systemTool } from '../support/system-tool';

/** Set it to see the dialogs: the start of the pictures' paths. */
const PICTURES = process.env.MQBOARD_BOARDS_DIALOG;
const EXAMPLES = join(__dirname, '..', '..', 'examples');
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];

const EVAL = '6d71626f61726413';
const FILE = '6d71626f61726466';

interface Words {
  language: string;
  button: string;
  crashes: RegExp;
  badPattern: RegExp;
  badRepeats: RegExp;
  noOutput: RegExp;
  notDeployed: RegExp;
  status: RegExp;
}

const languages: Words[] = [
  {
    language: 'en-US',
    button: 'Boards that this server knows',
    crashes: /2: crashes/,
    badPattern: /# stands alone, and at the end/,
    badRepeats: /Enter a number of seconds/,
    noOutput: /All outputs are switched off/,
    notDeployed: /not deployed yet/,
    status: /^2 of 2 online$/,
  },
  {
    language: 'de',
    button: 'Boards, die dieser Server kennt',
    crashes: /2: Abstürze/,
    badPattern: /# steht allein und am Ende/,
    badRepeats: /Eine Zahl von Sekunden eintragen/,
    noOutput: /Alle Ausgänge sind ausgeschaltet/,
    notDeployed: /noch nicht übernommen/,
    // Status texts speak the language of Node-RED itself.
    status: /^2 of 2 online$/,
  },
];

function example(name: string): Array<{ id: string; type: string; name?: string }> {
  return JSON.parse(readFileSync(join(EXAMPLES, name), 'utf8'));
}

describe('The boards in the dialogs of the editor', () => {
  let folder: string;
  let demo: DemoProcess;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const log = example('silent-board.json').find(({ type }) => type === 'mqboard-log')?.id ?? '';

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mqboard-editor-boards-'));
    const flows = ['first-light.json', 'files.json', 'silent-board.json'].flatMap(example);
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

  async function open(locale: string): Promise<void> {
    const viewport = { width: 1280, height: 900 };
    page = await (await browser.newContext({ viewport, locale })).newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // That a server is not deployed is answered by 404, which a browser tells its console.
      if (message.type() === 'error' && !/404/.test(message.text()))
        complaints.push(message.text());
    });
    await page.goto(demo.url);
    await page.locator(`[id="${EVAL}"]`).waitFor();
    await page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
  }
  afterEach(async () => {
    await page.context().close();
    assert.deepEqual(complaints, []);
  });

  const dialogHasFocus = () =>
    page.waitForFunction(() => {
      const top = [...document.querySelectorAll('.red-ui-tray')].at(-1);
      return top?.contains(document.activeElement);
    });
  const tab = (name: string) => page.locator('#red-ui-workspace-tabs').getByText(name).click();
  const known = () => page.locator('.mqboard-known-button');
  const offered = () => page.locator('.mqboard-known-board');

  async function edit(id: string): Promise<void> {
    await page.locator(`[id="${id}"]`).dblclick();
    await dialogHasFocus();
  }

  async function done(): Promise<void> {
    await page.locator('#node-dialog-ok').click();
    await page.locator('.red-ui-tray').waitFor({ state: 'detached' });
  }

  for (const words of languages) {
    it(`offers the known boards beside the field of an eval node, with their marks, in ${words.language}`, async () => {
      await open(words.language);
      await edit(EVAL);
      assert.equal(await known().getAttribute('aria-label'), words.button);
      await known().click();
      await offered().filter({ hasText: 'demo/shed' }).waitFor();
      assert.deepEqual(await page.locator('.mqboard-known-name').allTextContents(), [
        'demo/barn',
        'demo/shed',
      ]);
      const marks = page.locator('.mqboard-known-board > i');
      assert.equal(await marks.first().getAttribute('aria-label'), 'online');
      if (PICTURES) await page.screenshot({ path: `${PICTURES}-known-${words.language}.png` });
      await page.keyboard.type('BARN');
      await offered().filter({ hasText: 'demo/shed' }).waitFor({ state: 'detached' });
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await offered().first().waitFor({ state: 'hidden' });
      assert.equal(await page.locator('#node-input-board').inputValue(), 'demo/barn');
      await page.locator('#node-dialog-cancel').click();
    });
  }

  it('takes the place of a property of the message, in the dialog for files, too', async () => {
    await open('en-US');
    await tab('Files');
    await edit(FILE);
    await page.evaluate("$('#node-input-board').typedInput('type', 'msg')");
    await known().click();
    await offered().filter({ hasText: 'demo/shed' }).click();
    assert.equal(await page.locator('#node-input-boardType').inputValue(), 'str');
    assert.equal(await page.locator('#node-input-board').inputValue(), 'demo/shed');
    await page.locator('#node-dialog-cancel').click();
  });

  it('says that a server is not deployed yet, and is closed by Escape and by a click elsewhere', async () => {
    for (const words of languages) {
      await open(words.language);
      await edit(EVAL);
      await page.evaluate(`
        const server = RED.nodes.node($('#node-input-server').val());
        RED.nodes.add({ ...server, id: 'feedfeedfeedfeed', name: 'new', users: [], changed: true });
        $('#node-input-server').append('<option value="feedfeedfeedfeed">new</option>').val('feedfeedfeedfeed');
      `);
      const note = page.locator('.mqboard-known-note').filter({ hasText: words.notDeployed });
      await known().click();
      await note.waitFor();
      await page.keyboard.press('Escape');
      await note.waitFor({ state: 'hidden' });
      await known().click();
      await note.waitFor();
      await page.locator('#node-input-name').click();
      await note.waitFor({ state: 'hidden' });
      assert.ok(await page.locator('#node-dialog-ok').isVisible(), 'the dialog itself stays');
      await page.context().close();
    }
  });

  for (const words of languages) {
    it(`explains the fields of a log node, and collects boards, in ${words.language}`, async () => {
      await open(words.language);
      await tab('A board is silent');
      await page
        .locator(`[id="${log}"] .red-ui-flow-node-status-label`)
        .filter({ hasText: words.status })
        .waitFor();
      await edit(log);
      const field = (name: string) => page.locator(`#node-input-${name}`);
      const said = (text: RegExp) =>
        page.locator('.mqboard-wrong:visible').filter({ hasText: text });
      await page.locator('.mqboard-options').filter({ hasText: words.crashes }).waitFor();
      for (const board of ['demo/shed', 'demo/barn']) {
        await known().click();
        await offered().filter({ hasText: board }).click();
      }
      assert.equal(await field('boards').inputValue(), 'demo/shed\ndemo/barn');
      if (PICTURES) await page.screenshot({ path: `${PICTURES}-log-${words.language}.png` });
      await field('boards').fill('demo/#/x');
      await said(words.badPattern).waitFor();
      await field('boards').fill('demo/+');
      await said(words.badPattern).waitFor({ state: 'hidden' });
      await field('coalesce').fill('often');
      await said(words.badRepeats).waitFor();
      await field('coalesce').fill('5');
      for (const output of ['records', 'crashes', 'sysinfo', 'presence']) {
        await field(output).uncheck();
      }
      await said(words.noOutput).waitFor();
      assert.equal(
        await field('level').isVisible(),
        false,
        'what concerns records is gone with them',
      );
      await field('records').check();
      await field('level').waitFor();
      await done();
      const ports = page.locator(`[id="${log}"] .red-ui-flow-port-output`);
      assert.equal(await ports.count(), 4);
    });
  }
});
