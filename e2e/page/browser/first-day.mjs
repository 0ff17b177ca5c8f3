// The first day of a community: from an empty database to the first order at its door, by pages alone, as docs/first-day.md tells it. Arguments: the server's
// address, the code of the first administrator, the workbook of the estate, and what all clocks show. It tells the test how many clicks it took; with a folder for pictures it writes
// those of the document (docs/images/first-day-1.png …).
import assert from 'node:assert/strict';
import { join } from 'node:path';

let base, administrator, workbook, time;

const secret = /[0-9A-Z]{5}(-[0-9A-Z]{5}){3}/;
const desk = { width: 960, height: 620 };
const phone = { width: 390, height: 700 };

async function firstDay({ open, newContext, please, shows, pictures }) {
  // A click, a tap, Enter, and a scanned code count; what is typed does not. The browser's own dialogs for files and for printing are not of the pages.
  let clicks = 0;
  const tap = (page, selector, text) => {
    clicks++;
    return page.locator(selector, text ? { hasText: text } : {}).first().click();
  };
  const enter = (page, selector) => {
    clicks++;
    return page.locator(selector).press('Enter');
  };
  let taken = 0;
  const picture = (page) => {
    taken++;
    return pictures && page.screenshot({ path: join(pictures, `first-day-${taken}.png`) });
  };
  // scan opens the link of a printed code and signs in with it.
  async function scan(code, size, path) {
    const context = await newContext();
    await context.clock.setFixedTime(time);
    const page = await open(`${base}/sign-in#${code}`, context);
    await page.setViewportSize(size);
    clicks++;
    await tap(page, '#accept');
    await page.waitForURL(`${base}/${path}`);
    return page;
  }
  // print prints what the page shows and returns the codes by their slips.
  async function print(page) {
    const slips = await page.locator('.slip').allInnerTexts();
    await page.evaluate(() => (window.print = () => dispatchEvent(new Event('afterprint'))));
    await tap(page, '#print');
    return (whose) => slips.find((text) => text.includes(whose)).match(secret)[0];
  }

  // 1. The administrator adds the community.
  const office = await scan(administrator, desk, 'board');
  await tap(office, '#set-up');
  await office.locator('#name').fill('新雨小区');
  await office.locator('#short').fill('XINYU');
  await picture(office);
  await enter(office, '#short');

  // 2. The estate from one spreadsheet: checked, then saved.
  await shows(office, '#people', '还没有队员和商超');
  clicks++; // the field of the file
  await office.locator('#file').setInputFiles(workbook);
  await shows(office, '#outcome', '可以保存');
  await office.locator('#outcome').evaluate((e) => e.scrollIntoView({ block: 'center' }));
  await picture(office);
  await tap(office, '#save');
  await shows(office, '#people', 'S01');

  // 3. Invitations for all, printed.
  await tap(office, '#invite');
  await office.locator('.slip').nth(4).waitFor();
  await office.locator('#slips').evaluate((e) => e.scrollIntoView({ block: 'center' }));
  await picture(office);
  const invited = await print(office);

  // 4. Household cards for a building, printed.
  await tap(office, '#cards');
  await office.locator('#building option', { hasText: 'E6' }).waitFor({ state: 'attached' });
  clicks += 2; // the list, and E6 in it
  await office.locator('#building').selectOption({ label: 'E6' });
  await tap(office, '#issue');
  await office.locator('.slip').nth(1).waitFor();
  const card = (await print(office))('E6-1-1203');

  // 5. A resident orders.
  const home = await scan(card, phone, 'my');
  await tap(home, '#order');
  await tap(home, '.choice', '商家的其他物品');
  await home.locator('#list').fill('鸡蛋 2 盒\n上海青 1 斤');
  await home.locator('#list').evaluate((e) => e.scrollIntoView({ block: 'center' }));
  await picture(home);
  await tap(home, '.place');
  await shows(home, '[data-order="1"] .sentence', '等待发货');

  // 6. The supplier announces its truck.
  const shop = await scan(invited('caiban'), desk, 'supplier');
  await shows(shop, '#sentence', '1 单待发货');
  await tap(shop, '#tosend .announce');
  await tap(shop, '#announcement .main');
  await shows(shop, '#arrivals li', '已预告');

  // 7. The gate receives it, and the same person sorts.
  const gate = await scan(invited('D01'), desk, 'gate');
  await tap(gate, '#arrived');
  await gate.locator('#all').waitFor();
  await shows(gate, '#connection', '实时');
  await picture(gate);
  await tap(gate, '#all');
  await shows(gate, '#trucks', '已清点');
  await tap(gate, '#others a[href$="/sorting"]');
  await gate.locator('#missing td', { hasText: '1' }).first().waitFor();
  await gate.locator('#scan').fill('1');
  await enter(gate, '#scan');
  await shows(gate, '.letters', 'E6');
  await shows(gate, '#connection', '实时');
  await picture(gate);

  // 8. The cart takes it to the building.
  const cart = await scan(invited('T01'), phone, 'cart');
  await cart.locator('.bin').waitFor();
  await tap(cart, '#start');
  await tap(cart, '.load');
  await tap(cart, '#depart');
  await tap(cart, '.drop');

  // 9. The building's volunteer hands it over.
  const stairs = await scan(invited('S01'), phone, 'round');
  await tap(stairs, '.take');
  await stairs.locator('.handed').waitFor();
  await shows(stairs, '#connection', '实时');
  await picture(stairs);
  await tap(stairs, '.handed');
  await shows(stairs, '#connection', '实时');
  await shows(home, '#earlier', '鸡蛋');
  await home.evaluate(() => scrollTo(0, 0));
  await picture(home);
  assert.equal(taken, 8, 'pictures of docs/first-day.md');
  await please(String(clicks));
}

export default (args, visit) => {
  [base, administrator, workbook, time] = args;
  return visit({ name: 'first-day', base, viewport: desk }, firstDay);
};
