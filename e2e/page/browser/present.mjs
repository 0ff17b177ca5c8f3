// Cuts the network of the board, a round and a resident's page while orders move, and says how long each page takes to show the present after it is
// back; the second time from another server. Arguments: the address of a proxy before the server, and the tokens of the commander, a volunteer and a household.
import { becomes, signIn } from './visit.mjs';

// What each page shows then: a selector, how many of it, and the text of the first.
const present = {
  first: { board: ['.numbers .DELIVERED b', 1, '4'], round: ['.door', 1, ''], my: ['.ended', 1, '#1'] },
  second: { board: ['.numbers .DELIVERED b', 1, '5'], round: ['.door', 0, ''], my: ['.sentence', 1, '正在送往小区'] },
};

export default ([base, commander, volunteer, household], visit) => visit({ name: 'present', base }, async ({ open, newContext, please, shows }) => {
  const pages = {};
  for (const [name, token, ready] of [['board', commander, '#sentence'], ['round', volunteer, '.door'], ['my', household, '.sentence']]) {
    const page = (pages[name] = await open('about:blank', await newContext()));
    await signIn(page, base, token);
    await page.goto(`${base}/${name}`);
    await page.locator(ready).first().waitFor();
  }
  for (const [time, wanted] of Object.entries(present)) {
    await please(`cut ${time}`);
    await Promise.all(Object.values(pages).map((p) => shows(p, '#connection', '连接中断')));
    await please(`move ${time}`);
    const began = Date.now();
    const took = await Promise.all(Object.entries(wanted).map(async ([name, want]) => {
      await becomes(pages[name], ([selector, count, text]) => {
        const all = document.querySelectorAll(selector);
        return all.length === count && (all[0]?.textContent ?? '').includes(text) && document.querySelector('#connection').textContent === '实时';
      }, want);
      return `${name} ${Date.now() - began} ms`;
    }));
    await please(`took ${time}: ${took.join(', ')}`);
  }
});
