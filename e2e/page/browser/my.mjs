// A resident's orders on a phone: follows one to the door, orders, changes, cancels, reports and asks. Arguments: the server's address behind a
// line that can be cut, the code of a card, and whether to look at every state for people who use the page in other ways.
import assert from 'node:assert/strict';

import { accessible } from './axe.mjs';
import { becomes } from './visit.mjs';

let base, card, thorough;

const first = '[data-order="1"]';

async function resident({ open, please, shows, picture, sizes }) {
  const page = await open(`${base}/sign-in#${card}`);
  await page.locator('#accept').click();
  await page.waitForURL(`${base}/my`);

  // look checks the page as it is now, with the largest text at 320 px too.
  async function look(state) {
    if (!thorough) return;
    await accessible(page, state);
    await page.locator('.sizes .largest').click();
    await page.setViewportSize({ width: 320, height: 640 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${state}: the page is wider than 320 px`);
    const small = await page.evaluate(() => [...document.querySelectorAll('main button, main .button, main select, main input:not([type=radio])')]
      .map((e) => [e.textContent, e.getBoundingClientRect()]).filter(([, r]) => r.height > 0 && (r.height < 59.5 || r.width < 59.5)).map(([text]) => text));
    assert.deepEqual(small, [], `${state}: targets smaller than 60 px`);
    await picture(page, `my-${state}-largest`);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.locator('.sizes .large').click();
    await picture(page, `my-${state}`);
  }

  // Another household's order is not shown, and what people wrote is text.
  await shows(page, `${first} .sentence`, '您的<img src=x onerror=alert(1)>等 2 样下单成功，等待发货。');
  assert.equal(await page.locator('article').count(), 1);
  await shows(page, `${first} .goods`, '备注：<img src=x onerror=alert(1)>');
  assert.equal(await page.evaluate(() => document.images.length), 0);
  assert.equal(await page.locator('#aloud').innerText(), '读给我听');
  assert.equal(await page.locator('#desk-phone').getAttribute('href'), 'tel:07176688110');
  await sizes(page, 'my');
  await look('placed');

  await please('move DISPATCHED');
  await shows(page, `${first} .sentence`, '正在送往小区');
  assert.equal(await page.locator(`${first} .code`).count(), 0, 'a code before it is needed');

  // The line is cut and the order moves meanwhile: the last state stays, with its time, and the present comes by itself.
  await becomes(page, () => navigator.serviceWorker.controller); // the page begins without a network from now on
  await please('cut');
  await page.locator('#old').waitFor();
  await page.reload();
  await page.locator('#old').waitFor();
  await please('bring');
  await shows(page, `${first} .sentence`, '正在送往小区');
  await look('offline');
  await please('mend');
  await shows(page, `${first} .sentence`, '正在送上门');
  await page.locator('#old').waitFor({ state: 'detached' });
  assert.match(await page.locator(`${first} .code b`).innerText(), /^\d{4}$/);
  assert.equal(await page.locator(`${first} .stages .done`).count(), 5);
  await look('at-the-door');
  await please('fail');
  await shows(page, `${first} .setbacks`, '家中无人');
  await shows(page, `${first} .sentence`, '已到楼下');
  await please('move OUT_FOR_DELIVERY');
  await shows(page, `${first} .sentence`, '正在送上门');

  // A server that does not answer: the last state of this browser is shown, without the code.
  await page.route('**/graphql', (route) => route.abort());
  await page.reload();
  await page.locator('#old').waitFor();
  await shows(page, `${first} .sentence`, '正在送上门');
  assert.equal(await page.locator(`${first} .code`).count(), 0, 'a code was kept');

  // Another card has replaced the sign-in: what is kept is not shown to another household.
  const own = await page.evaluate(() => localStorage.getItem('baogong:sign-in'));
  await page.evaluate((kept) => localStorage.setItem('baogong:sign-in', JSON.stringify({ ...JSON.parse(kept), token: 'another household' })), own);
  await page.reload();
  await shows(page, 'main', '正在载入');
  assert.equal(await page.locator('article').count(), 0, "another household's orders are shown");
  await page.evaluate((kept) => localStorage.setItem('baogong:sign-in', kept), own);
  await page.unroute('**/graphql');
  await page.reload();
  await page.locator(`${first} .code`).waitFor();

  await page.locator(`${first} .share`).click();
  await becomes(page, () => document.querySelector('.qr')?.naturalWidth > 0);
  assert.match(await page.locator('.url').inputValue(), /\/track\/[0-9A-Z-]{23}$/);
  await look('shared');
  await please('move DELIVERED');
  await page.locator(`.ended${first} .got`).click();
  await shows(page, `.ended${first}`, '您已确认收到');
  await page.locator(`.ended${first} .wrong`).click();
  await page.locator('.trouble button').click();
  await shows(page, '.trouble [role=status]', '请先选择');
  await look('trouble');
  await page.locator('.trouble input[value=SHORT]').check();
  await page.locator('.trouble textarea').fill('少一袋 <img src=x onerror=alert(1)>');
  await page.locator('.trouble button').click();
  await shows(page, `.ended${first} .reported`, '少件');

  // Ordering: the form survives a reload, and the order is there at once.
  await page.locator('#order').click();
  await page.locator('.ordering input[type=radio]').first().check();
  const more = page.locator('.offer button').last();
  await more.click();
  await more.click();
  await page.reload();
  await shows(page, '.offer output', '2');
  await look('ordering');
  await page.locator('.place').click();
  await shows(page, '#told', '下单成功，订单 #3');
  await shows(page, '[data-order="3"] .goods', '2 份');
  await page.locator('[data-order="3"] .amend').click();
  await page.locator('[data-order="3"] .offer output').waitFor();
  await look('amending');
  await page.locator('[data-order="3"] .offer button').last().click();
  await page.locator('[data-order="3"] .place').click();
  await shows(page, '[data-order="3"] .goods', '3 份');
  await page.locator('[data-order="3"] button.cancel').click();
  await look('cancelling');
  await page.locator('.cancel .yes').click();
  await shows(page, '.ended[data-order="3"]', '已取消');

  await page.locator('#order').click();
  await page.locator('.ordering input[value=shop]').check();
  await page.locator('#shop').selectOption({ label: 'caiban' });
  await page.locator('#list').fill('鸡蛋 2 盒\n盐');
  await page.locator('.place').click();
  await shows(page, '[data-order="4"] .sentence', '您的鸡蛋等 2 样下单成功');

  await page.locator('#call').click();
  await page.locator('.desk textarea').fill('想问药');
  await look('calling');
  await page.locator('.desk form button').click();
  await shows(page, '.desk li', '等待话务员联系您');

  await page.locator('#language').click();
  await shows(page, '[data-order="4"] .sentence', 'Your order of 鸡蛋 and 1 more is placed and waits for the supplier.');
  await look('english');
  await page.locator('#leave').click();
  await page.locator('.button.main').waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem('baogong:my')), null, 'the orders are left in the browser');
}

export default (args, visit) => {
  [base, card, thorough] = args;
  return visit({ name: 'my', base }, resident);
};
