// A supplier on a laptop: sends its orders, also more than a page of them, announces a truck, imports a file, and opens the orders of a stage. Arguments: the server's address, the code of an invitation, the
// time of the truck in the community's zone, and whether to look at every state for people who use the page in other ways.
import assert from 'node:assert/strict';

import { accessible } from './axe.mjs';

let base, invitation, soon, thorough;

const file = `订单号,地址,商品,数量,单位
C1,E6-1-1203,鸡蛋,2,盒
C2,小白楼三楼,<img src=x onerror=alert(1)>,1,袋
C3,月球,大米,1,袋
`;

async function supplies({ open, please, shows, picture, sizes }) {
  const page = await open(`${base}/sign-in#${invitation}`);
  await page.locator('#accept').click();
  await page.waitForURL(`${base}/supplier`);

  async function look(state) {
    if (!thorough) return;
    await accessible(page, state);
    for (const [width, height] of [[320, 640], [1366, 768]]) {
      await page.setViewportSize({ width, height });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${state}: the page is wider than ${width} px`);
      await picture(page, `supplier-${state}-${width}`);
    }
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))); // or a click begins before and ends after the change of size
  }

  // Only its own orders, without households; what people wrote is text.
  await shows(page, '#sentence', '3 单待发货，0 单在路上。');
  assert.equal(await page.locator('#tosend .orders > li').count(), 3);
  await shows(page, '[data-order="1"]', '<img src=x onerror=alert(1)>');
  assert.equal(await page.evaluate(() => document.images.length), 0);
  await sizes(page, 'supplier');
  await look('to-send');

  // One of the orders is held meanwhile: the others move, and it says why it did not.
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData().includes('OnTheirWay')) return route.continue();
    await please('hold');
    await route.continue();
  });
  await page.locator('#send').click();
  await shows(page, '[data-order="1"] [role=alert]', '暂停');
  await shows(page, '#sentence', '1 单待发货，2 单在路上。');
  await page.unroute('**/graphql');
  await look('refused');

  await shows(page, '#coming .bar', '已选 2 单');
  await page.locator('#coming .announce').click();
  await page.locator('#at').fill(soon);
  await page.locator('#vehicle').fill('鄂E12345');
  await page.locator('#announcement .bags input').first().fill('3');
  await look('announcing');
  await page.locator('#announcement .main').press('Enter');
  await shows(page, '#arrivals li', '#1 已预告 · 2 单 4 件');
  await shows(page, '[data-order="2"]', '到货 #1');
  await shows(page, '#windows', '蔬菜包');
  await page.locator('#arrivals .cancel').click();
  await look('cancelling');
  await page.locator('#arrivals .danger').click();
  await shows(page, '#arrivals li', '#1 取消');
  await page.locator('[data-order="2"]', { hasNotText: '到货 #1' }).waitFor();

  await page.locator('#file').setInputFiles({ name: 'orders.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
  await page.locator('#check').click();
  await shows(page, '#report .outcome', '新订单 1 · 待处理 2');
  await shows(page, '#report li', '<img src=x onerror=alert(1)>');
  await look('checked');
  await page.locator('#import').press('Enter');
  const rows = page.locator('.review > li');
  await rows.nth(1).waitFor();
  await rows.first().locator('input').fill('E7-1-1103');
  await look('review');
  await rows.first().locator('button').first().press('Enter');
  await page.waitForFunction(() => document.querySelectorAll('.review > li').length === 1, null, { polling: 50 });
  await rows.first().locator('.drop').click();
  await page.locator('.review').waitFor({ state: 'detached' });
  await shows(page, '[data-import] .outcome', '新订单 2 · 已放弃 1');
  await page.locator('#language').click();
  await shows(page, '#sentence', '3 orders to send, 2 on their way.');
  await look('english');

  // Two hundred more: those beyond the first 200 are shown, sent and announced, and one that the gate sent back says why.
  await please('many');
  await shows(page, '#sentence', '207 orders to send, 2 on their way.');
  await page.waitForFunction(() => document.querySelectorAll('#tosend .orders > li').length === 200, null, { polling: 50 });
  await shows(page, '#tosend', 'These are the oldest 200 orders; there are more.');
  await shows(page, '#tosend .choice', 'All shown (200 orders)');
  await page.locator('#tosend .further').click();
  await page.waitForFunction(() => document.querySelectorAll('#tosend .orders > li').length === 207, null, { polling: 50 });
  await shows(page, '#tosend .choice', 'All shown (207 orders)');
  assert.equal(await page.locator('#tosend .further').count(), 0);
  await page.locator('#tosend .all').uncheck();
  await shows(page, '#tosend .bar', '0 chosen');
  const beyond = page.locator('#tosend .orders > li').nth(200);
  const number = await beyond.getAttribute('data-order');
  await beyond.locator('input').check();
  await page.locator('#send').click();
  await page.locator(`#coming [data-order="${number}"]`).waitFor();
  await shows(page, '#sentence', '206 orders to send, 3 on their way.');
  await page.locator('#coming .announce').click();
  await shows(page, '#announcement h3', 'Announce a delivery of 3 orders');
  await page.locator('#coming .announce').click();

  await page.locator('[data-stage="RETURNED"] button').click();
  await shows(page, '#stage li', 'damaged or spoiled');
  await look('returned');
  await page.locator('[data-stage="AT_GATE"] button').press('Enter');
  await shows(page, '#stage li', '#');
  assert.equal(await page.locator('#stage li').count(), 1);
  await page.locator('[data-stage="DELIVERED"] button').click();
  await shows(page, '#stage', 'There is no such order.');
  await page.locator('[data-stage="DELIVERED"] button').click();
  await page.locator('#stage').waitFor({ state: 'detached' });
}

export default (args, visit) => {
  [base, invitation, soon, thorough] = args;
  return visit({ name: 'supplier', base, viewport: { width: 1366, height: 768 } }, supplies);
};
