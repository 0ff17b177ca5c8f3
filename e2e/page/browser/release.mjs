// Keeps pages open while a new release takes the place of theirs, whose files are gone. Arguments: the server's address, and the tokens of the commander and of a household.
import assert from 'node:assert/strict';

import { becomes, signIn } from './visit.mjs';

export default ([base, commander, household], visit) => visit({ name: 'release', base }, async ({ open, newContext, shows }) => {
  // release makes files of a page vanish, and the server name another script for it, until the page is loaded again. If it stays broken the files stay away.
  async function release(page, path, files, stays = false) {
    const loads = { count: 0, over: false };
    await page.route(files, (route) => (loads.over ? route.continue() : route.fulfill({ status: 404, body: '' })));
    await page.route(`${base}/${path}*`, async (route) => {
      if (route.request().isNavigationRequest()) {
        loads.count++;
        loads.over = !stays;
        return route.continue();
      }
      const answer = await route.fetch();
      return route.fulfill({ response: answer, body: (await answer.text()).replace(/(<script type="module" src="app\/[a-z]+)/, '$1-next') });
    });
    return loads;
  }

  const my = await open('about:blank', await newContext());
  await signIn(my, base, household);
  await my.goto(`${base}/my`);
  await my.locator('#order').click();
  await my.locator('.ordering input[value=shop]').check();
  await my.locator('#list').fill('鸡蛋 2 盒');
  const shared = await release(my, 'my', '**/app/share-*.js');
  await my.locator('.share').first().click();
  await becomes(my, () => sessionStorage.getItem('baogong:release') !== null && document.querySelector('#list')?.value === '鸡蛋 2 盒'); // what was written is there
  await my.locator('.share').first().click();
  await becomes(my, () => document.querySelector('.qr')?.naturalWidth > 0);
  assert.equal(shared.count, 1);

  // Other forms would lose what is written: the page waits, and does not load itself again and again.
  const board = await open('about:blank', await newContext());
  await signIn(board, base, commander);
  const drawn = await release(board, 'board', '**/app/chart-*.js', true);
  await board.goto(`${base}/board`);
  await becomes(board, () => sessionStorage.getItem('baogong:release') !== null);
  await shows(board, '.throughput', '今日');
  await board.evaluate(() => new Promise((done) => setTimeout(done, 500)));
  await shows(board, '#sentence', '入户');
  assert.equal(drawn.count, 2, 'the page loads itself again and again');
});
