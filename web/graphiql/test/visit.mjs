// Shared by the tests of the pages.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { chromium } from 'playwright-core';

// visit runs act with a browser, the size of a phone unless it is told otherwise. The process exits with 1 if act throws, a page asks
// another host than that of base (or of one of them, if base is a list), or the browser complains; then there are pictures called after name, if a folder for them is given.
//
// please prints what should happen next and waits for a line that it has; shows waits for a text on a page.
export async function visit({ name, base, executablePath, pictures, viewport = { width: 390, height: 844 } }, act) {
  const bases = [base].flat();
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const please = (what) => { console.log(what); return lines.next(); };
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const requested = new Set();
  const complaints = [];

  // open opens an address in a context, or one of its own, which shares no sign-in with others.
  async function open(address, context) {
    const page = await (context ?? (await newContext())).newPage();
    page.setDefaultTimeout(30_000); // the machine may be busy
    page.on('request', (r) => requested.add(new URL(r.url())));
    page.on('pageerror', (e) => complaints.push(e.message));
    page.on('console', (m) => /Content Security Policy/.test(m.text()) && complaints.push(m.text()));
    await page.goto(address);
    return page;
  }
  const newContext = () => browser.newContext({ viewport, ignoreHTTPSErrors: bases[0].startsWith('https:') }); // tests use self-signed certificates
  const shows = (page, selector, text) => page.locator(selector, { hasText: text }).first().waitFor();
  const picture = (page, called) => pictures && page.screenshot({ path: join(pictures, `${called}.png`), fullPage: true });

  try {
    await act({ open, newContext, please, shows, picture });
    const here = bases.map((b) => new URL(b).host);
    assert.deepEqual([...requested].filter((u) => u.protocol !== 'data:' && !here.includes(u.host)).map(String), [], 'the page asked other hosts');
    assert.deepEqual(complaints, [], 'the browser complained');
  } catch (e) {
    for (const [i, page] of browser.contexts().flatMap((c) => c.pages()).entries()) await picture(page, `${name}-failed-${i}`);
    console.error(e.stack, complaints);
    process.exitCode = 1;
  } finally {
    await browser.close();
    process.stdin.destroy();
  }
}

// accept confirms the sign-in page's question whether to sign in as the person of a link.
export async function accept(page, whose) {
  await page.locator('#whose', { hasText: whose }).waitFor();
  await page.locator('#accept').click();
  await page.locator('#who', { hasText: whose }).waitFor();
}

// ask returns the answer to a query with a token.
export async function ask(base, token, query) {
  const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
  return (await fetch(`${base}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) })).json();
}
