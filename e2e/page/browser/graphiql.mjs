// Uses GraphiQL as a reader does, and opens it from the front page. Arguments: the server's address and the expected names of the tabs.
// Neither page may write to the browser's console.
import assert from 'node:assert/strict';

import { becomes } from './visit.mjs';

let base, names, visitor;
const complaints = [];
const please = (what) => visitor.please(what);
const picture = (page, called) => visitor.picture(page, called);

// open opens a path of the server in a context of its own.
async function open(path) {
  const context = await visitor.newContext();
  context.on('console', (m) => m.type() !== 'verbose' && complaints.push(`${m.type()}: ${m.text()}`)); // advice to authors is verbose
  return visitor.open(base + path, context);
}

// desk opens GraphiQL.
async function desk(path) {
  const page = await open(path);
  await page.locator('.graphiql-container').waitFor();
  return page;
}

// tab opens a tab, and waits until GraphiQL has read its document, a tenth of a second later.
async function tab(page, name) {
  await page.locator('.graphiql-tab-button', { hasText: new RegExp(`^${name}$`) }).click();
  await becomes(page, (n) => localStorage.getItem('graphiql:query')?.includes(` ${n}(`), name);
}

async function shows(page, selector, text) {
  try {
    await page.locator(selector, { hasText: text }).first().waitFor();
  } catch {
    assert.fail(`${selector} shows ${JSON.stringify(await page.locator(selector).allInnerTexts())}, want ${text}`);
  }
}

const answers = (page, text) => shows(page, '.graphiql-response', text);
const run = (page) => page.locator('.graphiql-execute-button').click();
const asks = (page, name) => becomes(page, (n) => document.querySelector('.identity select').value === n, name);

async function readerWatches() {
  const page = await desk('/graphiql');
  assert.equal(page.url(), base + '/graphiql/');
  assert.deepEqual(await page.locator('.graphiql-tab-button').allInnerTexts(), names);
  await asks(page, 'C01');

  await run(page);
  await answers(page, '"number": 1,');
  await please('push');
  await answers(page, '"number": 2,');
  await picture(page, 'subscription');

  // A dropped connection is taken up again behind the last cursor; the server's test looks at what was sent.
  await please('drop');
  await answers(page, '"number": 3,');

  // The caller changes: the old stream ends, and the new one carries the new name.
  await page.locator('.identity select').selectOption('S01');
  await page.locator('.graphiql-execute-button[aria-label^="Execute"]').waitFor();
  await run(page);
  await answers(page, '"number": 1,');
  await run(page); // stops it

  // A name that is not in the list, refused by the server with a close code.
  await page.locator('.identity select').selectOption({ label: '其他 · Someone else' });
  await page.locator('.identity input').fill('stranger');
  await page.locator('.identity input').press('Enter');
  await run(page);
  await answers(page, '4403 You may not');

  // A tab that names its asker brings them along, and a subscription's error is shown.
  await tab(page, 'LiveBoard');
  await asks(page, 'C01');
  await run(page);
  await answers(page, 'There is no such community.');
  await tab(page, 'MyOrders');
  await asks(page, 'E6-1-1203');
  await run(page);
  await answers(page, 'Bearer dev:E6-1-1203');

  // A choice by hand wins in its tab, which says so, also after a visit to another tab.
  const overrules = (is) => page.locator('.identity .named').waitFor({ state: is ? 'visible' : 'detached' });
  await overrules(false);
  await page.locator('.identity select').selectOption('S01');
  await shows(page, '.identity .named', '# as: E6-1-1203; your choice takes precedence');
  await run(page);
  await answers(page, 'Bearer dev:S01');
  await tab(page, 'LiveBoard');
  await asks(page, 'C01');
  await overrules(false);
  await tab(page, 'MyOrders');
  await asks(page, 'S01');
  await overrules(true);
  await picture(page, 'chosen');
  await page.locator('.identity select').selectOption('E6-1-1203');
  await overrules(false);

  // A name written into a tab takes effect later, and the page does not mention a choice.
  await tab(page, 'LiveBoard');
  await page.locator('.graphiql-query-editor .CodeMirror').click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('# as: S01\n');
  await shows(page, '.identity .named', '# as: S01, which takes effect when the tab is opened again');
  await asks(page, 'C01');
  await tab(page, 'MyOrders');
  await tab(page, 'LiveBoard');
  await asks(page, 'S01');
  await overrules(false);

  // One document with two operations asks which; dialogs and documentation open without breaking the page's policy.
  await tab(page, 'PlaceOrder');
  await run(page);
  await page.getByRole('menuitem', { name: 'WhereToOrder' }).click();
  await answers(page, 'Bearer dev:E6-1-1203');
  await picture(page, 'order');
  await page.getByLabel('Show Documentation Explorer').click();
  await shows(page, '.graphiql-doc-explorer', 'subscription: Subscription');
  await page.getByLabel('Open settings dialog').click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');

  // The reader's text is still there after a reload.
  await page.locator('.graphiql-query-editor .CodeMirror').click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('# mine\n');
  await becomes(page, () => localStorage.getItem('graphiql:tabState')?.includes('# mine'));
  await page.reload();
  await shows(page, '.graphiql-query-editor', '# mine');
  assert.equal(await page.locator('.graphiql-tab-button').count(), names.length);
}

// Closing a tab discards the choice made in it.
async function closesFirstTab() {
  const page = await desk('/graphiql/');
  await page.locator('.identity select').selectOption('S01');
  await page.locator('.graphiql-tab-close').first().click();
  await shows(page, '.graphiql-query-editor', names[1]);
  const asked = (await page.locator('.graphiql-query-editor .CodeMirror-line').first().innerText()).replace('# as: ', '').trim();
  assert.notEqual(asked, 'S01', 'the second tab names the caller that was chosen');
  await asks(page, asked);
}

async function signsInWithToken() {
  const page = await desk('/elsewhere/graphiql');
  assert.equal(page.url(), base + '/elsewhere/graphiql/');
  assert.equal(await page.locator('.identity select').count(), 0);
  await page.locator('.identity input').fill('a.b.c');
  await page.locator('.identity input').press('Enter');
  await run(page);
  await answers(page, '"Bearer a.b.c"');
  await picture(page, 'token');

  // It acts by the sign-in of the other pages, and goes on with the next token.
  const keep = (token) => page.evaluate((t) => localStorage.setItem('baogong:sign-in', JSON.stringify({ token: t })), token);
  await keep('d.e.f');
  await page.reload();
  await run(page);
  await answers(page, '"Bearer d.e.f"');
  const other = await visitor.open(`${base}/`, page.context());
  await other.evaluate(() => localStorage.setItem('baogong:sign-in', JSON.stringify({ token: 'g.h.i' })));
  await becomes(page, () => document.querySelector('.identity input').value === 'g.h.i');
  await run(page);
  await answers(page, '"Bearer g.h.i"');
}

async function readsFrontPage() {
  const page = await open('/');
  await picture(page, 'index');
  await page.getByRole('link', { name: 'GraphiQL' }).click();
  await page.locator('.graphiql-container').waitFor();
}

export default (args, visit) => {
  [base, ...names] = args;
  return visit({ name: 'graphiql', base, viewport: { width: 1440, height: 900 } }, async (v) => {
    visitor = v;
    await Promise.all([readerWatches(), closesFirstTab(), signsInWithToken(), readsFrontPage()]); // in parallel, to use all cores
    assert.deepEqual(complaints, [], 'the browser complained');
  });
};
