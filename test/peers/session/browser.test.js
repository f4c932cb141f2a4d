// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// The example page in real Chromium. TAUTLINE_SESSION_SERVER is the command of another session server to test with.
'use strict';
const assert = require('assert');
const { test, before, after } = require('node:test');
const { chromium } = require('playwright-core');
const { FLAGS, chooseServer, noteFigures, servePage, startServer } = require('./browser_support');
const { CutProxy } = require('./support');

const DEADLINE = { timeout: 60_000 };
const EXECUTABLE = process.env.TAUTLINE_CHROMIUM || '/usr/bin/chromium';
const COLOURS = {
  Connected: 'rgb(26, 138, 74)',
  'Reconnecting...': 'rgb(216, 154, 0)',
  Disconnected: 'rgb(204, 47, 47)',
};
let command, browser, files;

before(async () => {
  command = await chooseServer();
  console.log(`session server: ${command.join(' ')}`);
  files = await servePage();
  browser = await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });
});
after(async () => {
  await browser?.close();
  files?.close();
});

/** Notes, also over reloads, what the server confirmed and each text of the status. */
function takeNotes() {
  const note = (name, text) =>
    sessionStorage.setItem(name, JSON.stringify([...JSON.parse(sessionStorage.getItem(name) || '[]'), text]));
  document.addEventListener('task-confirmed', ({ detail }) => note('confirmed', detail));
  document.addEventListener('DOMContentLoaded', () => {
    const text = document.getElementById('status-text');
    new MutationObserver(() => note('states', text.textContent)).observe(text, { childList: true });
  });
}

async function open(t, { server, query = '' }) {
  const context = await browser.newContext({ colorScheme: 'light' });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.addInitScript(takeNotes);
  await page.goto(
    `http://127.0.0.1:${files.address().port}/?server=${encodeURIComponent(server)}&initial_ms=50&max_ms=200&${query}`,
  );
  await page.locator('#page:not([inert])').waitFor();
  const add = async (text) => {
    await page.fill('#text', text);
    await page.press('#text', 'Enter');
  };
  const notes = (name) => page.evaluate((key) => JSON.parse(sessionStorage.getItem(key)), name);
  return {
    context,
    page,
    add,
    row: (text) => page.locator('#list li', { hasText: text }),
    texts: () => page.locator('#list .text').allTextContents(),
    shows: (summary) => page.locator('#summary', { hasText: summary }).waitFor(),
    /** Waits for the text, then looks at the colour of the dot. */
    async status(text) {
      await page.getByText(text, { exact: true }).waitFor();
      const colour = await page.locator('#status .dot').evaluate((dot) => getComputedStyle(dot).backgroundColor);
      assert.strictEqual(colour, COLOURS[text]);
    },
    notes,
    async once(count) {
      const confirmed = await notes('confirmed');
      assert.deepStrictEqual([confirmed.length, new Set(confirmed).size], [count, count]);
    },
  };
}

async function serve(t, port) {
  const server = await startServer(command, port);
  t.after(() => server.kill());
  return server;
}

test('a task goes to the server and comes back once, and the status is green', DEADLINE, async (t) => {
  const server = await serve(t);
  const one = await open(t, { server: server.url });
  await one.status('Connected');
  await one.add('Buy bread');
  await one.shows('All changes are saved.');
  await one.row('Buy bread').locator('input').check();
  await one.row('Buy bread').locator('.delete').click();
  await one.shows('All changes are saved.');
  assert.deepStrictEqual(await one.texts(), []);
  await one.once(3);
  assert.strictEqual(await one.page.locator('#status').getAttribute('aria-live'), 'polite');
});

test('edits made offline wait, and each arrives once when the network is back', DEADLINE, async (t) => {
  const server = await serve(t);
  const one = await open(t, { server: server.url, query: 'attempts=1000' });
  await one.status('Connected');
  await one.add('Before');
  await one.shows('All changes are saved.');
  const offline = Date.now();
  await one.context.setOffline(true);
  await one.status('Reconnecting...');
  const detect = Date.now() - offline;
  for (const text of ['One', 'Two', 'Three']) await one.add(text);
  await one.row('Two').locator('.delete').click();
  await one.row('Before').locator('input').check();
  await one.shows('5 changes wait to be saved.');
  assert.strictEqual(await one.row('One').locator('.state').textContent(), 'Waiting');
  const online = Date.now();
  await one.context.setOffline(false);
  await one.status('Connected');
  const recover = Date.now() - online;
  await one.shows('All changes are saved.');
  assert.deepStrictEqual(await one.texts(), ['Before', 'One', 'Three']);
  await one.once(6);
  noteFigures('Chromium: setOffline', { sent: 6, detect_ms: detect, recover_ms: recover });
});

test('a change that was on its way when the network went away arrives once', DEADLINE, async (t) => {
  const server = await serve(t);
  const one = await open(t, { server: server.url, query: 'attempts=1000' });
  await one.status('Connected');
  for (let round = 1; round <= 2; ++round) {
    const frozen = one.context.setOffline(true);
    await one.add(`Task ${round}`);
    await frozen;
    await one.status('Reconnecting...');
    await one.context.setOffline(false);
    await one.status('Connected');
    await one.shows('All changes are saved.');
  }
  await one.once(2);
});

test('a page that is loaded again keeps the tasks and sends the changes that waited', DEADLINE, async (t) => {
  const server = await serve(t);
  const one = await open(t, { server: server.url, query: 'attempts=1000' });
  await one.status('Connected');
  await one.add('Saved');
  await one.shows('All changes are saved.');
  await one.page.click('#toggle');
  await one.status('Disconnected');
  await one.add('Waiting');
  await one.shows('1 change waits to be saved.');
  await one.page.reload();
  await one.status('Connected');
  await one.shows('All changes are saved.');
  assert.deepStrictEqual(await one.texts(), ['Saved', 'Waiting']);
  await one.page.reload();
  await one.status('Connected');
  await one.add('Later');
  await one.shows('All changes are saved.');
  await one.once(3);
});

test('the status is red when the attempts are used up, and green again when the user connects', DEADLINE, async (t) => {
  const server = await serve(t);
  const one = await open(t, { server: server.url, query: 'attempts=3' });
  await one.status('Connected');
  await server.kill();
  await one.status('Disconnected');
  assert.match(await one.page.textContent('#detail'), /attempts used up/);
  await one.add('Kept');
  await serve(t, server.port);
  await one.page.click('#toggle');
  await one.status('Connected');
  await one.shows('All changes are saved.');
  await one.once(1);
  assert.deepStrictEqual(await one.notes('states'), [
    'Reconnecting...',
    'Connected',
    'Reconnecting...',
    'Disconnected',
    'Reconnecting...',
    'Connected',
  ]);
});

test('the status is red when the user disconnects', DEADLINE, async (t) => {
  const server = await serve(t);
  const one = await open(t, { server: server.url });
  await one.status('Connected');
  await one.page.click('#toggle');
  await one.status('Disconnected');
  assert.strictEqual(await one.page.textContent('#toggle'), 'Connect');
  await one.page.click('#toggle');
  await one.status('Connected');
});

test('hundreds of tasks through 20 resets of the connection arrive once and in order', DEADLINE, async (t) => {
  const server = await serve(t);
  const proxy = await new CutProxy(
    server.port,
    Array.from({ length: 20 }, (_, n) => 1500 + 331 * n),
  ).listen();
  t.after(() => proxy.close());
  const one = await open(t, { server: proxy.url, query: 'attempts=1000' });
  let tasks = 0;
  const add = () =>
    one.page.evaluate((text) => {
      document.getElementById('text').value = text;
      document.getElementById('add').requestSubmit();
    }, `Task ${++tasks}`);
  while (tasks < 200) await add();
  await one.shows('All changes are saved.');
  // How many bytes they come to depends on how many go together.
  while (proxy.cuts < 20) {
    for (let n = 0; n < 10; ++n) await add();
    await one.shows('All changes are saved.');
  }
  await one.once(tasks);
});

test('a second tab waits until the first one is closed', DEADLINE, async (t) => {
  const server = await serve(t);
  const one = await open(t, { server: server.url });
  await one.add('First');
  await one.shows('All changes are saved.');
  const second = await one.context.newPage();
  await second.goto(one.page.url());
  await second.locator('#detail', { hasText: 'open in another tab' }).waitFor();
  await one.page.close();
  await second.getByText('Connected', { exact: true }).waitFor();
  assert.deepStrictEqual(await second.locator('#list .text').allTextContents(), ['First']);
});
