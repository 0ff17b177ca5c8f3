// Prints a building's cards, as the commander of DCXY and as an administrator for XILING. Arguments: the server's address, the codes of the
// commander, of a volunteer and of an administrator, and the widths in CSS pixels at which cards of every host are looked at.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accept, ask } from './visit.mjs';

let base, commander, volunteer, administrator, widths;

// enter signs in with the code, if given, and opens /cards.
async function enter(open, code) {
  if (!code) return open(`${base}/cards`);
  const page = await open(`${base}/sign-in#${code}`);
  await accept(page, /\S/);
  await page.goto(`${base}/cards`);
  return page;
}

// opensCards follows a link and checks that it opens the page that it names.
async function opensCards(page, link) {
  const says = await link.innerText();
  await link.click();
  await page.waitForURL(`${base}/cards`);
  const title = await page.locator('h1').innerText();
  for (const words of ['住户卡', 'household cards']) {
    assert.ok(says.toLowerCase().includes(words) && title.toLowerCase().includes(words), `${says} opens ${title}`);
  }
}

// enterFromFront goes from the front page to the cards, which ask to sign in first, and lead back.
async function enterFromFront(open, code) {
  const page = await open(`${base}/`);
  await opensCards(page, page.locator('a[href="/cards"]'));
  await page.locator('#said a').click();
  await page.waitForURL(`${base}/sign-in`);
  await page.locator('#code').fill(code);
  await page.locator('#enter').click();
  await page.waitForURL(`${base}/cards`);
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

// whole checks that no card is wider or taller than its box, and that the page is no wider than the screen.
async function whole(page, where) {
  const bad = await page.evaluate(() => [...document.querySelectorAll('.card, .card *')].filter((e) => {
    const [box, card] = [e.getBoundingClientRect(), e.closest('.card').getBoundingClientRect()];
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
}

async function print({ open, picture, pictures }) {
  for (const code of ['', volunteer]) {
    const page = await enter(open, code);
    await page.locator('#said a').waitFor();
    assert.equal(await page.locator('#form').isVisible(), false);
  }
  const page = await enterFromFront(open, commander);
  await page.locator('#building').waitFor();
  assert.equal(await page.locator('#community').isVisible(), false, 'the commander has only one community');
  const cards = await issue(page);
  const warns = () => page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));
  assert.ok(await warns(), 'the page is left with unprinted cards and no warning');
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  assert.ok(!(await warns()), 'the page warns of cards that were printed');
  assert.ok(await page.evaluate(() => [...document.querySelectorAll('.card img')].every((i) => i.naturalWidth > 0)), 'a QR code is not drawn');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.desk').isVisible(), false);
  const paper = await page.pdf({ preferCSSPageSize: true, ...(pictures && { path: join(pictures, 'cards.pdf') }) });
  assert.equal(sheets(paper), 1, 'eight cards need more than one A4 page');
  await picture(page, 'cards');
  await page.emulateMedia({ media: 'screen' });
  for (const host of ['127.0.0.1:8080', 'supplies.dongchen-xinyu.street.example', `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example:8443`]) {
    await page.evaluate((name) => document.querySelectorAll('.how p').forEach((p) => (p.textContent = p.textContent.replace(/(打开|open) [^ ]+/, `$1 ${name}/sign-in`))), host);
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
}

export default (args, visit) => {
  [base, commander, volunteer, administrator, ...widths] = args;
  return visit({ name: 'cards', base, viewport: { width: 1280, height: 720 } }, print);
};
