// Reads and prints a shopping list as the volunteer who goes to the shop, and as a lead. Arguments: the server's address, the codes of the volunteer, the lead, another
// volunteer and a supplier.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { accessible } from './axe.mjs';
import { accept } from './visit.mjs';

let base, volunteer, lead, other, supplier;

async function enter(open, code) {
  const page = await open(`${base}/sign-in#${code}`);
  await accept(page, /\S/);
  return page;
}

async function shops({ open, picture, pictures, shows, sizes }) {
  const page = await open(`${base}/shopping`);
  await page.locator('main a').click(); // it leads back
  await page.waitForURL(`${base}/sign-in`);
  await page.locator('#code').fill(volunteer);
  await page.locator('#enter').click();
  await page.waitForURL(`${base}/shopping`);
  await shows(page, '#count', '2 单，3 种商品');
  const milk = page.locator('tr', { hasText: '鲜牛奶' });
  assert.equal(await milk.locator('td').first().innerText(), '3 盒', 'both orders together');
  assert.equal(await milk.locator('td span').count(), 2, 'one line for each order');
  const needs = await milk.locator('td').last().innerText();
  for (const part of ['E6-1-1103 × 2', 'E6-1-1203 × 1', '12.00 元', '可换同类']) assert.ok(needs.includes(part), `${part} is not in ${needs}`);
  assert.equal(await page.locator('#taker').count(), 0, 'a volunteer has one list');
  await accessible(page, 'the shopping list');
  await sizes(page, 'shopping');
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `the page is wider than ${width} px`);
    await picture(page, `shopping-${width}`);
  }
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('#print').isVisible(), false);
  if (pictures) await page.pdf({ preferCSSPageSize: true, path: join(pictures, 'shopping.pdf') });

  const leading = await enter(open, lead);
  await leading.goto(`${base}/shopping`);
  await shows(leading, '#count', '没有要买的东西'); // the lead's own list
  await leading.locator('#taker').selectOption({ label: 'S01' });
  await shows(leading, '#count', '2 单');
  await leading.reload();
  await shows(leading, '#head', 'S01');
  await shows(leading, '#connection', '已连接');
  await leading.context().setOffline(true);
  await shows(leading, '#connection', '连接中断');
  await leading.context().setOffline(false);
  await shows(leading, '#connection', '已连接');

  const stranger = await enter(open, other);
  await stranger.goto(`${base}/shopping`);
  await shows(stranger, '#count', '没有要买的东西');
  const shop = await enter(open, supplier);
  await shop.goto(`${base}/shopping`);
  await shows(shop, '[role=alert]', '不对您的角色开放');
}

export default (args, visit) => {
  [base, volunteer, lead, other, supplier] = args;
  return visit({ name: 'shopping', base, viewport: { width: 1280, height: 800 } }, shops);
};
