// Opens pages behind a path prefix. Arguments: the address with the prefix, the development sign-ins of the commander, a volunteer and a household, and the links
// of the household's order, of the volunteer's invitation and of another household's card.
import assert from 'node:assert/strict';

import { accept, becomes, signIn } from './visit.mjs';

// Each page, who opens it, and what it shows once its files, its queries and its streams have found their way.
const visits = [
  ['board', 'commander', '#sentence'], ['rehearsal', 'commander', '#form'], ['needs', 'commander', '#headline'], ['round', 'volunteer', '#shelf'], ['sorting', 'volunteer', '#missing'],
  ['print/labels', 'commander', 'main'], ['my', 'household', '.sentence'],
];
const live = ['board', 'round', 'sorting', 'my'];

export default ([base, commander, volunteer, household, track, invitation, card], visit) => visit({ name: 'prefix', base }, async ({ open, newContext, shows, picture }) => {
  const { pathname } = new URL(base);
  const contexts = {};
  const outside = []; // requests beside the prefix, and files that are not there
  for (const [who, token] of Object.entries({ commander, volunteer, household })) {
    contexts[who] = await newContext();
    contexts[who].on('request', (r) => new URL(r.url()).pathname.startsWith(`${pathname}/`) || r.url().startsWith('data:') || outside.push(r.url()));
    contexts[who].on('response', (r) => r.status() >= 400 && outside.push(`${r.status()} ${r.url()}`));
    const page = await open('about:blank', contexts[who]);
    page.on('websocket', (s) => new URL(s.url()).pathname === `${pathname}/graphql` || outside.push(s.url()));
    await signIn(page, base, token);
    for (const [name, , ready] of visits.filter(([, of]) => of === who)) {
      await page.goto(`${base}/${name}`);
      await page.locator(ready).first().waitFor();
      if (live.includes(name)) await shows(page, '#connection', '实时');
      await picture(page, `prefix-${name.replace('/', '-')}`);
    }
    if (who === 'volunteer') { // the round begins without a network: its worker answers below the prefix
      await becomes(page, () => navigator.serviceWorker.controller);
      assert.equal(await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).scope), `${base}/`);
    }
    // A page of the list of pages opens below the prefix too.
    if (who === 'commander') {
      await page.goto(`${base}/board`);
      await page.locator('#menu').click();
      await page.locator('nav a', { hasText: '流程模拟' }).click();
      await page.waitForURL(`${base}/rehearsal`);
    }
  }
  // The links that the program gives away open below the prefix, and lead on below it.
  const shared = await open(track);
  await shows(shared, '#now', '已到楼栋');
  for (const [link, page] of [[invitation, 'round'], [card, 'my']]) {
    const invited = await open(link);
    await accept(invited, /\S/);
    await invited.waitForURL(`${base}/${page}`);
  }
  assert.deepEqual(outside, [], 'requests beside the prefix, or refused');
});
