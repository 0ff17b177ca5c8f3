// Prints a building's cards, as the commander of DCXY and as an administrator for XILING. Arguments: the server's address, the codes of the
// commander, of a volunteer and of an administrator, the browser's program and, if they are wanted, a folder for pictures.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accept, ask, visit } from './visit.mjs';

const [base, commander, volunteer, administrator, executablePath, pictures] = process.argv.slice(2);

// enter opens the page of the cards, signed in by a code if there is one.
async function enter(open, code) {
  if (!code) return open(`${base}/cards`);
  const page = await open(`${base}/sign-in#${code}`);
  await accept(page, /\S/);
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

// signsIn uses a card and checks which household of which community it is.
async function signsIn(open, text, community) {
  const home = await open(`${base}/sign-in#${text.match(secret)[0]}`);
  await accept(home, door(text));
  const token = await home.evaluate(() => JSON.parse(localStorage.getItem('baogong:sign-in')).token);
  assert.equal((await ask(base, token, '{ me { community { code } } }')).data.me.community.code, community);
}

await visit({ name: 'cards', base, executablePath, pictures, viewport: { width: 1280, height: 720 } }, async ({ open, picture }) => {
  for (const code of ['', volunteer]) {
    const page = await enter(open, code);
    await page.locator('#said a').waitFor();
    assert.equal(await page.locator('#form').isVisible(), false);
  }
  const page = await enter(open, commander);
  await page.locator('#building').waitFor();
  assert.equal(await page.locator('#community').isVisible(), false, 'the commander has only one community');
  const cards = await issue(page);
  assert.ok(await page.evaluate(() => [...document.querySelectorAll('.card img')].every((i) => i.naturalWidth > 0)), 'a QR code is not drawn');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.desk').isVisible(), false);
  if (pictures) await page.pdf({ path: join(pictures, 'cards.pdf'), preferCSSPageSize: true });
  await picture(page, 'cards');
  await signsIn(open, cards[0], 'DCXY');

  const desk = await enter(open, administrator);
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
  await signsIn(open, theirs[0], 'XILING');
  await signsIn(open, cards[1], 'DCXY'); // which that did not end
});
