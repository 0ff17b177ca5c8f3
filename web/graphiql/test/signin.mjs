// Signs in by codes and does what a resident and a volunteer do then. Arguments: the server's address, a card's code, an
// invitation's, the browser's program and, if they are wanted, a folder for pictures. Prints what should happen next and waits for a
// line that it has. Exits with 1 at the first thing that is not as promised.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { chromium } from 'playwright-core';

const [base, card, invitation, executablePath, pictures] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const please = (what) => { console.log(what); return lines.next(); };
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const requested = new Set();
const complaints = [];

async function open(path) {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  page.setDefaultTimeout(15_000);
  page.on('request', (r) => requested.add(new URL(r.url())));
  page.on('pageerror', (e) => complaints.push(e.message));
  page.on('console', (m) => /Content Security Policy/.test(m.text()) && complaints.push(m.text()));
  await page.goto(base + path);
  return page;
}

const shows = (page, selector, text) => page.locator(selector, { hasText: text }).first().waitFor();
const picture = (page, name) => pictures && page.screenshot({ path: join(pictures, `${name}.png`) });

async function resident() {
  const page = await open('/sign-in');
  await page.locator('#code').fill('7K2QM-0XH4D-R9TAE-5WBNC');
  await page.locator('#enter').click();
  await shows(page, '#said', 'ask for a new one');

  // The answer to the first try is lost; the second has the same key.
  const keys = [];
  await page.route('**/graphql', async (route) => {
    const body = route.request().postDataJSON();
    if (!body.query.includes('redeemCode')) return route.continue();
    keys.push(body.variables.i.clientMutationId);
    if (keys.length > 1) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await page.goto(`${base}/sign-in#${card}`);
  await shows(page, '#who', 'E6-1-1103');
  assert.equal(page.url(), `${base}/sign-in`, 'the code stays in the address');
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.equal(await page.locator('#staff').isVisible(), false);

  await shows(page, '#orders li', '#1 已下单');
  assert.equal(await page.locator('#orders li').count(), 1, "somebody else's order is shown");
  await please('move');
  await shows(page, '#orders li', '#1 配送中');
  await page.locator('#orders button').click();
  const link = await page.locator('#orders a').getAttribute('href');
  assert.match(link, /\/track\/[0-9A-Z-]{23}$/);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the phone');
  await page.waitForFunction(() => document.querySelector('#orders img').naturalWidth > 0);
  await picture(page, 'sign-in-resident');
  const child = await open(new URL(link, base).pathname);
  await shows(child, '#now', '配送中');

  await page.reload();
  await shows(page, '#who', 'E6-1-1103');
  await page.locator('#leave').click();
  await page.locator('#form').waitFor();
  await page.reload();
  await page.locator('#form').waitFor();
  await page.context().close();
}

async function volunteer() {
  const page = await open(`/sign-in#${invitation}`);
  await shows(page, '#who', 'S01');
  const token = await page.locator('#token').inputValue();
  const answer = await fetch(`${base}/graphql`, { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` }, body: '{"query":"{ me { name } }"}' });
  assert.equal((await answer.json()).data.me.name, 'S01');
  await picture(page, 'sign-in-staff');
  await please('end');
  await page.reload();
  await page.locator('#form').waitFor();
  assert.notEqual(await page.locator('#said').innerText(), '');
}

try {
  await resident();
  await volunteer();
  const here = new URL(base).host;
  assert.deepEqual([...requested].filter((u) => u.protocol !== 'data:' && u.host !== here).map(String), [], 'the page asked other hosts');
  assert.deepEqual(complaints, [], 'the browser complained');
} catch (e) {
  for (const [i, page] of browser.contexts().flatMap((c) => c.pages()).entries()) await picture(page, `sign-in-failed-${i}`);
  console.error(e.message, complaints);
  process.exitCode = 1;
} finally {
  await browser.close();
  process.stdin.destroy();
}
