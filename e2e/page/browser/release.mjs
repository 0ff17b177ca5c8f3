// Keeps pages open while a new release takes the place of theirs, whose files are gone. Arguments: the server's address, the tokens of the commander and of a household, and the id of a building.
import assert from 'node:assert/strict';

import { becomes, signIn } from './visit.mjs';

export default ([base, commander, household, building], visit) => visit({ name: 'release', base }, async ({ open, newContext, shows }) => {
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

  const my = await open('about:blank', await newContext({ serviceWorkers: 'block' })); // else the page's worker has kept its files
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

  // Signing out needs a part. What the page filled in by itself is no reason to keep an old page open; what a person chose or ticked is.
  async function leaves(path, act, count) {
    const page = await open('about:blank', await newContext());
    await signIn(page, base, commander);
    await page.goto(`${base}/${path}`);
    await act(page);
    const loads = await release(page, path.split('?')[0], '**/app/device-*.js');
    await page.locator('#leave').click();
    if (count === 0) await page.locator('#leave').waitFor({ state: 'detached' }); // it signs out without the part
    else {
      for (let i = 0; loads.count < count && i < 400; i++) await page.waitForTimeout(50); // the old page notes the release a moment before it goes
      await becomes(page, () => sessionStorage.getItem('baogong:release') !== null && document.querySelector('#leave'));
    }
    assert.equal(loads.count, count, `${path} was loaded again ${loads.count} times`);
    await page.context().close();
  }
  const filled = (page) => becomes(page, () => document.querySelector('#desk-number')?.value === '0717-6012345');
  await leaves('setup', filled, 1);
  await leaves('setup', async (page) => {
    await filled(page);
    await page.locator('#desk-number').fill('0717-1');
  }, 0);
  await leaves(`board?building=${building}`, (page) => page.locator('.hold select').first().waitFor({ state: 'attached' }), 1);
  await leaves(`board?building=${building}`, async (page) => {
    await page.locator('.hold summary').click();
    await page.locator('.hold select').first().selectOption('SEALED');
  }, 0);
  await leaves('cards', async (page) => {
    await page.locator('#building').selectOption({ index: 1 });
    await page.locator('#some').check();
  }, 0);
});
