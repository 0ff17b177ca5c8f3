// Prints a building's cards, as the commander of DCXY and as an administrator for XILING. Arguments: the server's address, the codes of the
// commander, of a volunteer and of an administrator, the browser's program and, if they are wanted, a folder for pictures. Exits with 1 at the first thing that is not as promised.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

const [base, commander, volunteer, administrator, executablePath, pictures] = process.argv.slice(2);
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

// issue issues the cards of E6 and gives their texts, each with the door and the code.
async function issue(page) {
  await page.locator('#building').selectOption({ label: 'E6' });
  await page.locator('#issue').click();
  assert.equal(await page.locator('.card').count(), 0, 'cards are issued without the warning');
  await page.locator('#sure').check();
  await page.locator('#issue').click();
  await page.locator('.card').first().waitFor();
  const cards = await page.locator('.card').allInnerTexts();
  assert.equal(cards.length, 8);
  assert.equal(new Set(cards.map(door)).size, 8);
  for (const text of cards) assert.match(text, secret);
  return cards;
}

const secret = /[0-9A-Z]{5}(-[0-9A-Z]{5}){3}/;
const door = (text) => text.match(/E6-[12]-1[1-4]03/)[0];
const picture = (page, name) => pictures && page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

// signsIn uses a card and checks which household of which community it is.
async function signsIn(text, community) {
  const home = await browser.newPage();
  await home.goto(`${base}/sign-in#${text.match(secret)[0]}`);
  await home.locator('#who', { hasText: door(text) }).waitFor();
  const token = await home.evaluate(() => JSON.parse(localStorage.getItem('baogong:sign-in')).token);
  const answer = await fetch(`${base}/graphql`, { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` }, body: '{"query":"{ me { community { code } } }"}' });
  assert.equal((await answer.json()).data.me.community.code, community);
}

try {
  for (const code of ['', volunteer]) {
    const page = await open(code);
    await page.locator('#said a').waitFor();
    assert.equal(await page.locator('#form').isVisible(), false);
  }
  const page = await open(commander);
  await page.locator('#building').waitFor();
  assert.equal(await page.locator('#community').isVisible(), false, 'the commander has only one community');
  const cards = await issue(page);
  assert.ok(await page.evaluate(() => [...document.querySelectorAll('.card img')].every((i) => i.naturalWidth > 0)), 'a QR code is not drawn');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.desk').isVisible(), false);
  if (pictures) await page.pdf({ path: join(pictures, 'cards.pdf'), preferCSSPageSize: true });
  await picture(page, 'cards');
  await signsIn(cards[0], 'DCXY');

  const desk = await open(administrator);
  await desk.locator('#community').waitFor();
  assert.deepEqual(await desk.locator('#community option').allInnerTexts(), ['请选择小区 Choose a community', '东辰心语 DCXY', '东辰心语 XILING']);
  assert.equal(await desk.locator('#building option').count(), 0, 'buildings of no community');
  await desk.locator('#issue').click();
  assert.equal(await desk.locator('#community:invalid').count(), 1, 'no community is needed');
  await desk.locator('#community').selectOption({ label: '东辰心语 DCXY' });
  await desk.locator('#community').selectOption({ label: '东辰心语 XILING' });
  await desk.locator('#building option', { hasText: 'E6' }).waitFor({ state: 'attached' });
  assert.deepEqual(await desk.locator('#building option').allInnerTexts(), ['E2', 'E6', 'E7', 'E10']);
  await picture(desk, 'cards-administrator');
  const theirs = await issue(desk);
  await signsIn(theirs[0], 'XILING');
  await signsIn(cards[1], 'DCXY'); // which that did not end
  assert.deepEqual(complaints, [], 'the browser complained');
} catch (e) {
  for (const [i, page] of browser.contexts().flatMap((c) => c.pages()).entries()) await picture(page, `cards-failed-${i}`);
  console.error(e.message, complaints);
  process.exitCode = 1;
} finally {
  await browser.close();
}
