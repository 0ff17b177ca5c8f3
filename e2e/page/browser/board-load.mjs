// The board while hundreds of events come. Arguments: the server's address, the code of the commander, and the community's id.
import assert from 'node:assert/strict';

import { accept, ask, becomes } from './visit.mjs';

let base, commander, community;

async function busy({ open, please, shows }) {
  const page = await open(`${base}/sign-in#${commander}`);
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
  const { data } = await ask(base, token, `{ board(communityId: "${community}") { open stages { stage count } buildings { open building { code } } } }`);
  const tiles = Object.fromEntries(data.board.buildings.map((b) => [b.building.code, b.open]));
  const dispatched = data.board.stages.find((s) => s.stage === 'DISPATCHED').count;
  assert.equal(dispatched, 200);
  await becomes(page, ({ tiles, dispatched }) => [...document.querySelectorAll('.tile')].every((t) => t.querySelector('.head').innerText.endsWith(` ${tiles[t.querySelector('.code').innerText]}`))
    && document.querySelector('.numbers .DISPATCHED b').innerText === String(dispatched), { tiles, dispatched });
  assert.equal(await page.locator('.ticker li').count(), 12);
  const ticks = Math.ceil((await page.evaluate(() => performance.now())) / 15_000); // the waiting times are drawn every 15 s by themselves
  assert.ok((await page.evaluate(() => window.twice)) <= ticks, 'the tiles are drawn more than once a frame');
  assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) < nodes + 100, 'the page grows');
}

export default (args, visit) => {
  [base, commander, community] = args;
  return visit({ name: 'board-load', base, viewport: { width: 1366, height: 768 } }, busy);
};
