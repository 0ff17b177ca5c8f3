// Prints a building's cards. Arguments: the server's address, the codes of the commander and of a volunteer, the browser's program and, if
// they are wanted, a folder for pictures. Exits with 1 at the first thing that is not as promised.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

const [base, commander, volunteer, executablePath, pictures] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const complaints = [];

async function open(code) {
  const page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (e) => complaints.push(e.message));
  page.on('console', (m) => /Content Security Policy/.test(m.text()) && complaints.push(m.text()));
  if (code) {
    await page.goto(`${base}/sign-in#${code}`);
    await page.locator('#who', { hasText: /\S/ }).waitFor();
  }
  await page.goto(`${base}/cards`);
  return page;
}

try {
  for (const code of ['', volunteer]) {
    const page = await open(code);
    await page.locator('#said a').waitFor();
    assert.equal(await page.locator('#form').isVisible(), false);
  }
  const page = await open(commander);
  await page.locator('#building').selectOption({ label: 'E6' });
  await page.locator('#issue').click();
  assert.equal(await page.locator('.card').count(), 0, 'cards are issued without the warning');
  await page.locator('#sure').check();
  await page.locator('#issue').click();
  await page.locator('.card').first().waitFor();
  const cards = await page.locator('.card').allInnerTexts();
  assert.equal(cards.length, 8);
  assert.equal(new Set(cards.map((c) => c.match(/E6-[12]-1[1-4]03/)[0])).size, 8);
  for (const text of cards) assert.match(text, /[0-9A-Z]{5}(-[0-9A-Z]{5}){3}/);
  assert.ok(await page.evaluate(() => [...document.querySelectorAll('.card img')].every((i) => i.naturalWidth > 0)), 'a QR code is not drawn');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.desk').isVisible(), false);
  if (pictures) await page.pdf({ path: join(pictures, 'cards.pdf'), preferCSSPageSize: true });
  if (pictures) await page.screenshot({ path: join(pictures, 'cards.png'), fullPage: true });
  const mine = cards[0].match(/[0-9A-Z]{5}(-[0-9A-Z]{5}){3}/)[0];
  const home = await browser.newPage();
  await home.goto(`${base}/sign-in#${mine}`);
  await home.locator('#who', { hasText: cards[0].match(/E6-[12]-1[1-4]03/)[0] }).waitFor();
  assert.deepEqual(complaints, [], 'the browser complained');
} catch (e) {
  for (const [i, page] of browser.contexts().flatMap((c) => c.pages()).entries()) if (pictures) await page.screenshot({ path: join(pictures, `cards-failed-${i}.png`) });
  console.error(e.message, complaints);
  process.exitCode = 1;
} finally {
  await browser.close();
}
