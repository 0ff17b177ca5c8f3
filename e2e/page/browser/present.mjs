// Cuts the network of the board, a round and a resident's page while orders move, and says how long each page takes to show the present after it is
// back: at first from the same server, then from another; after a sleep, in which all connections were ended; and in another network, where nothing is heard
// of those of the old one. Arguments: the address of a proxy before the server, and the tokens of the commander, a volunteer and a household.
import { becomes, signIn } from './visit.mjs';

// What each page shows then: a selector, how many of it, and the text of the first.
const present = {
  first: { board: ['.numbers .DELIVERED b', 1, '4'], round: ['.door', 1, ''], my: ['.ended', 1, '#1'] },
  second: { board: ['.numbers .DELIVERED b', 1, '5'], round: ['.door', 0, ''], my: ['.sentence', 1, '正在送往小区'] },
  asleep: { board: ['.numbers .AT_BUILDING b', 1, '1'], round: ['.take', 1, ''], my: ['.sentence', 1, '已到楼下'] },
  elsewhere: { board: ['.numbers .OUT_FOR_DELIVERY b', 1, '1'], round: ['.take', 0, ''], my: ['.sentence', 1, '正在送上门'] },
};

export default ([base, commander, volunteer, household], visit) => visit({ name: 'present', base }, async ({ open, newContext, please, shows }) => {
  const pages = {};
  for (const [name, token, ready] of [['board', commander, '#sentence'], ['round', volunteer, '.door'], ['my', household, '.sentence']]) {
    const page = (pages[name] = await open('about:blank', await newContext()));
    await signIn(page, base, token);
    await page.goto(`${base}/${name}`);
    await page.locator(ready).first().waitFor();
  }
  const all = Object.values(pages);
  // A page that waits for a synchronous answer is asleep: no timer and no message comes to it.
  let wake;
  const woken = new Promise((done) => (wake = done));
  for (const p of all) await p.route('**/asleep', (r) => woken.then(() => r.fulfill({ body: '' })));
  const sleep = (p) => p.evaluate(() => {
    const asking = new XMLHttpRequest();
    asking.open('GET', 'asleep', false);
    asking.send();
  });
  for (const [time, wanted] of Object.entries(present)) {
    let back = () => {};
    if (time === 'asleep') {
      const asleep = all.map(sleep);
      await new Promise((done) => setTimeout(done, 7_000));
      back = () => {
        wake();
        return Promise.all(asleep);
      };
    }
    if (time === 'elsewhere') {
      await Promise.all(all.map((p) => p.context().setOffline(true)));
      await new Promise((done) => setTimeout(done, 2_000));
      back = () => Promise.all(all.map((p) => p.context().setOffline(false)));
    }
    await please(`cut ${time}`);
    if (time === 'first' || time === 'second') await Promise.all(all.map((p) => shows(p, '#connection', '连接中断')));
    await please(`move ${time}`);
    const began = Date.now();
    await back();
    const took = await Promise.all(Object.entries(wanted).map(async ([name, want]) => {
      await becomes(pages[name], ([selector, count, text]) => {
        const all = document.querySelectorAll(selector);
        return all.length === count && (all[0]?.textContent ?? '').includes(text) && document.querySelector('#connection').textContent === '实时';
      }, want);
      return `${name} ${Date.now() - began} ms`;
    }));
    await please(`took ${time}: ${took.join(', ')}`);
  }
  // A read that waits for an answer on a connection of the old network is sent once more in the new one.
  const { board } = pages;
  let sent = 0;
  await board.route('**/graphql', (r) => {
    if (!r.request().postData()?.includes('OrdersBehind')) return r.fallback();
    if (++sent > 1) return r.fallback();
    return new Promise(() => {}); // it is never answered
  });
  await board.locator('.tile', { hasText: 'E6' }).click();
  while (sent === 0) await board.waitForTimeout(50);
  await board.context().setOffline(true);
  await board.waitForTimeout(2_000);
  await board.context().setOffline(false);
  await becomes(board, () => document.querySelectorAll('.orders li').length > 0);
  await please(`sent ${sent}`);
});
