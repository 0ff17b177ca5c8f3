// Watches an order on a phone by its link. Arguments: the link, the browser's program and, if they are wanted, a folder for
// pictures. Prints what should happen next and waits for a line that it has. Exits with 1 at the first thing that is wrong.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { chromium } from 'playwright-core';

const [link, executablePath, pictures] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const please = (what) => { console.log(what); return lines.next(); };
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const requested = new Set();
const complaints = [];

async function open(address) {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  page.setDefaultTimeout(15_000);
  page.on('request', (r) => requested.add(new URL(r.url())));
  page.on('pageerror', (e) => complaints.push(e.message));
  page.on('console', (m) => /Content Security Policy/.test(m.text()) && complaints.push(m.text()));
  await page.goto(address);
  return page;
}

const shows = (page, selector, text) => page.locator(selector, { hasText: text }).first().waitFor();
const picture = (page, name) => pictures && page.screenshot({ path: join(pictures, `${name}.png`) });

try {
  const page = await open(link);
  await shows(page, '#now', '已下单');
  await shows(page, '#number', '#1');
  await please('move');
  await shows(page, '#now', '配送中');
  await shows(page, 'li.done.here', '配送中');
  assert.equal(await page.locator('li.done time').count(), 2);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the phone');
  await picture(page, 'track');

  await page.context().setOffline(true);
  await page.reload().catch(() => {});
  await page.context().setOffline(false);
  await page.goto(link);
  await shows(page, '#line', '实时更新中');
  await please('revoke');
  await shows(page, '#now', '链接已失效');
  await picture(page, 'track-ended');

  const wrong = await open(link.replace(/[^/]*$/, '7K2QM-0XH4D-R9TAE-5WBNC'));
  await shows(wrong, '#refused', '请重新索取');
  const here = new URL(link).host;
  assert.deepEqual([...requested].filter((u) => u.protocol !== 'data:' && u.host !== here).map(String), [], 'the page asked other hosts');
  assert.deepEqual(complaints, [], 'the browser complained');
} catch (e) {
  for (const [i, page] of browser.contexts().flatMap((c) => c.pages()).entries()) await picture(page, `track-failed-${i}`);
  console.error(e.message, complaints);
  process.exitCode = 1;
} finally {
  await browser.close();
  process.stdin.destroy();
}
