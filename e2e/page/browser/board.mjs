// The board as the commander, a lead, a volunteer and an administrator. Arguments: the server's address, the codes of these four, the ids of building
// E2, of S07, of an order of E6 and of an arrival.
import assert from 'node:assert/strict';

import { accessible } from './axe.mjs';
import { accept } from './visit.mjs';

let base, commander, lead, volunteer, admin, e2, s07, first, arrival;

const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
const signIn = async (page, code) => {
  await page.goto(`${base}/sign-in#${code}`);
  await accept(page, /\S/);
};

async function board({ open, please, shows, picture, sizes }) {
  const page = await open(`${base}/healthz`);
  const sockets = [];
  let cut = false;
  await page.routeWebSocket(/graphql/, (ws) => {
    if (cut) return void ws.close();
    ws.connectToServer();
    sockets.push(ws);
  });
  await signIn(page, commander);
  await page.waitForURL(`${base}/board`); // it is the commander's own page
  await shows(page, '#sentence', '3 单，入户 0 单');
  await shows(page, '#sentence', /比计划慢 12\d 分钟/);
  await shows(page, '.incident', '地址不清');
  await shows(page, '.trucks', '<b>鄂E');
  await shows(page, '.throughput', '今日');
  await page.locator('.chart canvas').waitFor();
  await accessible(page, 'the board');
  await sizes(page, 'board');

  // A change draws its own tile, the sentence and the ticker, and no other tile.
  await page.evaluate(() => {
    window.changed = new Set();
    for (const tile of document.querySelectorAll('.tile')) {
      const code = tile.querySelector('.code').textContent;
      new MutationObserver(() => window.changed.add(code)).observe(tile, { subtree: true, childList: true, characterData: true, attributes: true });
    }
  });
  await please('deliver');
  await shows(page, '#sentence', '3 单，入户 1 单');
  await shows(page, '#sentence', /比计划慢 1(19|2\d) 分钟/);
  await shows(page, '.ticker li', '已入户');
  assert.deepEqual(await page.evaluate(() => [...window.changed]), ['E7']);

  // A number, the orders behind it, one of them, its history, and what can be done.
  await page.locator('.tile', { hasText: 'E6' }).click();
  await shows(page, '.orders', 'E6-1-1103');
  await accessible(page, 'a building');
  await page.locator('.orders a', { hasText: 'E6-1-1103' }).click();
  await shows(page, '#history', '已下单');
  assert.ok(new URL(page.url()).searchParams.get('order') === first);
  await page.locator('.hold summary').click();
  await page.locator('.hold select').first().selectOption('SEALED');
  await page.locator('.hold input').fill('<img src=x onerror="document.title=\'hit\'">');
  await page.locator('.hold button').click();
  await shows(page, '#order', '封控：');
  await accessible(page, 'an order');
  await picture(page, 'board-order');
  await page.locator('#order .incident', { hasText: '地址不清' }).locator('button').click();
  await shows(page, '#order .incident', 'C01 处理中');
  await page.locator('#order .incident', { hasText: '封控' }).locator('button').click();
  await page.locator('.cancel summary').click(); // it is there when the hold has ended
  await page.locator('.cancel button').click();
  await shows(page, '#stage', '已取消');
  await page.goBack();
  await shows(page, '.orders', 'E6-2-1203');
  await page.goBack();
  await shows(page, '#incidents', '未解决的异常');

  await page.locator('.trucks a').click();
  await shows(page, '.counts', 'E6-2-1203');
  assert.equal(new URL(page.url()).searchParams.get('truck'), arrival);

  await page.goto(`${base}/board?building=${e2}`);
  await page.locator('.team > summary').click();
  await page.locator('.reassign summary').click();
  await page.locator('.reassign select').first().selectOption(s07);
  await page.locator('.reassign button').click();
  await shows(page, '.team > summary', 'S07');

  // A building loses its volunteer: a suggestion says who should serve it, and why, and is applied at a tap.
  await page.goto(`${base}/board`);
  await shows(page, '.uncovered', '没有缺队员');
  await please('away');
  await page.locator('.uncovered a', { hasText: 'E7' }).click();
  await shows(page, '.suggestions li', '接手 E7（目前无人负责）');
  await accessible(page, 'a building without a volunteer');
  await picture(page, 'board-uncovered');
  await page.locator('.suggestions li button').first().click();
  await shows(page, '.suggestions [role=status]', '已调整 1 名队员');
  await page.goBack();
  await page.locator('.uncovered .see').click();
  await shows(page, '.suggestions li', '（目前无人负责）');
  await accessible(page, 'suggested changes');
  await picture(page, 'board-suggestions');
  await page.locator('.suggestions button').last().click(); // all of them, or the only one
  await shows(page, '.suggestions', '没有建议');
  await page.locator('.shut').click();
  await please('pass');
  await shows(page, '.uncovered', '没有缺队员');

  // Without a connection the last state stays, said to be old; the present comes by itself.
  cut = true;
  for (const ws of sockets) await ws.close({ code: 1001 });
  await shows(page, '#old', '连接中断：以下是');
  assert.match(await page.locator('#sentence').innerText(), /2 单，入户 1 单/);
  await please('dispatch');
  cut = false;
  await page.locator('#old').waitFor({ state: 'detached' });
  await shows(page, '.numbers li', '配送中 1');

  for (const [width, height] of [[390, 844], [320, 640]]) {
    await page.setViewportSize({ width, height });
    await page.goto(`${base}/board`);
    await shows(page, '#sentence', '2 单，入户 1 单');
    if (width === 320) await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
    assert.ok(await fits(page), `the board is wider than ${width} px`);
    await picture(page, `board-${width}`);
    await page.locator('.tile', { hasText: 'E6' }).click();
    await shows(page, '.orders', 'E6-2-1203');
    assert.ok(await fits(page), `a building is wider than ${width} px`);
  }
  await page.locator('.shut').click();

  // The wall has no controls.
  await page.setViewportSize({ width: 1920, height: 1080 });
  await page.goto(`${base}/board?wall`);
  await shows(page, '.wall #sentence', '2 单，入户 1 单');
  assert.equal(await page.locator('.wall :is(a, button, input, select, summary)').count(), 0);
  assert.ok(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight), 'the wall is higher than its screen');
  await accessible(page, 'the wall');
  await picture(page, 'board-wall');
  assert.doesNotMatch(await page.title(), /hit/);
  await page.context().close();

  const led = await open(`${base}/sign-in#${lead}`);
  await accept(led, /\S/);
  await led.waitForURL(`${base}/board`);
  await led.locator('#language').click();
  await shows(led, '#sentence', '1 of 2 at the door');
  await shows(led, '#sentence', /1(19|[23]\d) min behind/);
  const texts = await led.locator('#app').innerText();
  assert.deepEqual(texts.replaceAll(/中文|鄂|东辰心语/g, '').match(/.*[\u4e00-\u9fff].*/g) ?? [], [], 'the page mixes languages');
  await led.context().close();

  const stranger = await open(`${base}/sign-in#${volunteer}`);
  await accept(stranger, /\S/);
  await stranger.goto(`${base}/board`);
  await shows(stranger, '.note', '此页面不对您的角色开放');
  await stranger.context().close();

  const all = await open(`${base}/sign-in#${admin}`);
  await accept(all, /\S/);
  await all.waitForURL(`${base}/board`);
  await shows(all, '#sentence', '2 单，入户 1 单'); // there is one community to choose
  await all.context().close();
}

export default (args, visit) => {
  [base, commander, lead, volunteer, admin, e2, s07, first, arrival] = args;
  return visit({ name: 'board', base, viewport: { width: 1366, height: 768 } }, board);
};
