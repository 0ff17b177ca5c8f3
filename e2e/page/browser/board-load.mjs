// The board while hundreds of events come. Arguments: the server's address, the code of the commander, the community's id, and how many events come.
import assert from 'node:assert/strict';

import { differing, numbers } from './measure.mjs';
import { accept, ask } from './visit.mjs';

let base, commander, community, events;

async function busy({ open, please, shows }) {
  const page = await open('about:blank');
  const cursors = []; // of the events that the page is sent
  page.on('websocket', (s) => s.on('framereceived', ({ payload }) => {
    const sent = String(payload).includes('"orderEvents"') && JSON.parse(payload).payload?.data?.orderEvents;
    if (sent) cursors.push(sent.cursor);
  }));
  await page.goto(`${base}/sign-in#${commander}`);
  await accept(page, /\S/);
  await page.waitForURL(`${base}/board`);
  await shows(page, '#sentence', '600 单，入户 0 单');
  await page.locator('.chart canvas').waitFor();
  const nodes = await page.evaluate(() => {
    // What is drawn within a frame is drawn by one task: a second one would be seen before the next frame.
    window.twice = 0;
    let drawn = false;
    new MutationObserver(() => {
      if (drawn) window.twice++;
      drawn = true;
    }).observe(document.querySelector('.tiles'), { subtree: true, childList: true, characterData: true, attributes: true });
    const frame = () => {
      drawn = false;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return document.querySelectorAll('*').length;
  });
  await please('load');
  const token = await page.evaluate(() => JSON.parse(localStorage.getItem('baogong:sign-in')).token);
  const { data } = await ask(base, token, `{ board(communityId: "${community}") { ${numbers} } }`);
  assert.equal(data.board.stages.find((s) => s.stage === 'DISPATCHED').count, 200);
  const until = Date.now() + 30_000;
  while ((await differing(page, data.board)).length > 0 && Date.now() < until) await page.waitForTimeout(50);
  assert.deepEqual(await differing(page, data.board), [], 'tiles and numbers that are not those of the tables');
  while (cursors.length < events && Date.now() < until) await page.waitForTimeout(50);
  assert.equal(cursors.length, events, 'the page is not sent as many events as there were');
  assert.equal(new Set(cursors).size, events, 'the page is sent an event twice');
  assert.equal(await page.locator('.ticker li').count(), 12);
  const ticks = Math.ceil((await page.evaluate(() => performance.now())) / 15_000); // the waiting times are drawn every 15 s by themselves
  assert.ok((await page.evaluate(() => window.twice)) <= ticks, 'the tiles are drawn more than once a frame');
  assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) < nodes + 100, 'the page grows');
}

export default (args, visit) => {
  [base, commander, community] = args;
  events = Number(args[3]);
  return visit({ name: 'board-load', base, viewport: { width: 1366, height: 768 } }, busy);
};
