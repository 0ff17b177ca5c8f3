// Prints a building's cards, as the commander of DCXY and as an administrator for XILING, and the card of a single room. Arguments: the server's address, the codes of
// the commander, of a volunteer and of an administrator, and the widths in CSS pixels at which cards of every host are looked at.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accessible } from './axe.mjs';
import { accept, ask } from './visit.mjs';

let base, commander, volunteer, administrator, widths;

// enter signs in with the code and opens /cards.
async function enter(open, code) {
  const page = await open(`${base}/sign-in#${code}`);
  await accept(page, /\S/);
  await page.goto(`${base}/cards`);
  return page;
}

// enterFromFront goes from the front page to the cards, which ask to sign in first, and lead back.
async function enterFromFront(open, code) {
  const page = await open(`${base}/`);
  await page.locator('a[href="cards"]').click();
  await page.waitForURL(`${base}/cards`);
  await page.locator('main a').click();
  await page.waitForURL(`${base}/sign-in`);
  await page.locator('#code').fill(code);
  await page.locator('#enter').click();
  await page.waitForURL(`${base}/cards`);
  return page;
}

// issue issues the cards of E6 and gives their texts, each with the door and the code.
async function issue(page) {
  await page.locator('#building').selectOption({ label: 'E6' });
  await page.locator('#issue').waitFor();
  assert.equal(await page.locator('#warning').count(), 0, 'a warning about old cards where there are none');
  await page.locator('#issue').click();
  await page.locator('.slip').first().waitFor();
  const cards = await page.locator('.slip').allInnerTexts();
  assert.equal(cards.length, 8);
  assert.equal(new Set(cards.map(door)).size, 8);
  for (const text of cards) assert.match(text, secret);
  return cards;
}

// whole checks that no card is wider or taller than its box, and that the page is no wider than the screen.
async function whole(page, where) {
  const bad = await page.evaluate(() => [...document.querySelectorAll('.slip, .slip *')].filter((e) => {
    const [box, card] = [e.getBoundingClientRect(), e.closest('.slip').getBoundingClientRect()];
    return e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 || box.right > card.right + 1 || box.bottom > card.bottom + 1;
  }).map((e) => e.outerHTML.slice(0, 80)));
  assert.deepEqual(bad, [], `cut off ${where}`);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `the page is wider than the screen ${where}`);
}

// sheets counts the pages of a PDF.
const sheets = (pdf) => pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;

const secret = /[0-9A-Z]{5}(-[0-9A-Z]{5}){3}/;
const door = (text) => text.match(/E6-[12]-1[1-4]03/)[0];

// signsIn uses a card and checks which household of which community it is.
async function signsIn(open, text, community) {
  const home = await open(`${base}/sign-in#${text.match(secret)[0]}`);
  await accept(home, door(text));
  const token = await home.evaluate(() => JSON.parse(localStorage.getItem('baogong:sign-in')).token);
  assert.equal((await ask(base, token, '{ me { community { code } } }')).data.me.community.code, community);
  return token;
}

async function print({ open, picture, sizes, pictures, shows }) {
  const stranger = await enter(open, volunteer);
  await shows(stranger, '[role=alert]', '不对您的角色开放');
  const page = await enterFromFront(open, commander);
  await page.locator('#building').waitFor();
  assert.equal(await page.locator('#community').count(), 0, 'the commander has only one community');
  const cards = await issue(page);
  for (const text of cards) assert.match(text, /东辰心语[^]*发出，[^]*前有效/, 'the community, the day and the expiry');
  await accessible(page, 'the page of cards');
  const warns = () => page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));
  assert.ok(await warns(), 'the page is left with unprinted cards and no warning');
  assert.ok(await page.evaluate(() => [...document.querySelectorAll('.slip img')].every((i) => i.naturalWidth > 0)), 'a QR code is not drawn');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('#form').isVisible(), false);
  const paper = await page.pdf({ preferCSSPageSize: true, ...(pictures && { path: join(pictures, 'cards.pdf') }) });
  assert.equal(sheets(paper), 1, 'eight cards need more than one A4 page');
  await sizes(page, 'cards');
  await page.emulateMedia({ media: 'screen' });
  for (const host of ['127.0.0.1:8080', 'supplies.dongchen-xinyu.street.example', `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example:8443`]) {
    await page.evaluate((name) => document.querySelectorAll('.how p').forEach((p) => (p.firstChild.parentNode.textContent = p.textContent.replace(/(打开|open) [^ ]+/, `$1 ${name}/sign-in`))), host);
    for (const width of widths.map(Number)) {
      await page.setViewportSize({ width, height: 800 });
      await whole(page, `at ${width} px with ${host}`);
      if (width === 320) await picture(page, `cards-320-${host.length}`);
    }
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 733, height: 1062 }); // A4 within its margins
    await whole(page, `on paper with ${host}`);
    if (pictures) await page.pdf({ path: join(pictures, `cards-${host.length}.pdf`), preferCSSPageSize: true });
    if (host.length < 50) assert.equal(sheets(await page.pdf({ preferCSSPageSize: true })), 1, `eight cards with ${host} need more than one A4 page`);
    await page.emulateMedia({ media: 'screen' });
  }
  await page.setViewportSize({ width: 1280, height: 720 });
  const neighbour = await signsIn(open, cards[0], 'DCXY');

  // A single room: the neighbours keep their cards. The page warns before an unprinted card is replaced.
  const room = door(cards[1]);
  await page.locator('#some').check();
  await page.locator('#rooms label', { hasText: room }).locator('input').check();
  await page.locator('#issue').click();
  assert.ok(await page.locator('.slip').count() > 1, 'a card is replaced without the warning');
  await page.locator('#sure').check();
  await page.locator('#issue').click();
  await page.locator('.slip:only-child', { hasText: room }).waitFor();
  const first = (await page.locator('.slip').innerText()).match(secret)[0];
  await page.locator('#sure').check();
  await page.locator('#issue').click();
  await page.locator('#not-printed').waitFor();
  assert.ok((await page.locator('.slip').innerText()).includes(first), 'an unprinted card is replaced without a warning');
  await page.locator('#go-on').click();
  await page.locator('.slip code', { hasNotText: first }).waitFor();
  assert.equal((await ask(base, neighbour, '{ me { role } }')).data.me.role, 'RESIDENT', 'a neighbour is signed out');
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  assert.ok(!(await warns()), 'the page warns of cards that were printed');
  await signsIn(open, (await page.locator('.slip').allInnerTexts())[0], 'DCXY');

  const desk = await enter(open, administrator);
  await desk.locator('#community option', { hasText: 'XILING' }).waitFor({ state: 'attached' });
  assert.deepEqual(await desk.locator('#community option').allInnerTexts(), ['请选择小区', '东辰心语 DCXY', '东辰心语 XILING']);
  assert.equal(await desk.locator('#building').count(), 0, 'buildings of no community');
  await desk.locator('#community').selectOption({ label: '东辰心语 DCXY' });
  await desk.locator('#community').selectOption({ label: '东辰心语 XILING' });
  await desk.waitForTimeout(300); // the buildings of the first choice go
  await desk.locator('#building option', { hasText: 'E6' }).waitFor({ state: 'attached' });
  assert.deepEqual(await desk.locator('#building option').allInnerTexts(), ['请选择楼栋', 'E2', 'E6', 'E7', 'E10']);
  await picture(desk, 'cards-administrator');
  const theirs = await issue(desk);
  await signsIn(open, theirs[0], 'XILING');
  await signsIn(open, cards[2], 'DCXY'); // which that did not end
}

export default (args, visit) => {
  [base, commander, volunteer, administrator, ...widths] = args;
  return visit({ name: 'cards', base, viewport: { width: 1280, height: 720 } }, print);
};
