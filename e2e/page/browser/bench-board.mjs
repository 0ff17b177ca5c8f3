// Measures the board while orders move: its tasks by traces, how often it draws, its heap, and whether its numbers are those of the tables at the
// end. Arguments: the server's address, the commander's token, the community's id, how many traces, and the milliseconds of each and of the load before them.
import { differing, numbers, signedIn, trace } from './measure.mjs';
import { ask } from './visit.mjs';

export default ([base, token, community, traces, each, warm], visit) => visit({ name: 'bench-board', base, viewport: { width: 1920, height: 1080 } }, async ({ newContext, please }) => {
  const { page, cdp, heap } = await signedIn(await newContext(), base, token, 'board');
  await page.locator('.chart canvas').waitFor();
  await please('begin');
  await page.waitForTimeout(Number(warm));
  await page.evaluate(() => {
    // What is drawn between two frames is drawn by one task.
    let drawn = false;
    window.twice = 0;
    new MutationObserver(() => {
      if (drawn) window.twice++;
      drawn = true;
    }).observe(document.querySelector('.tiles'), { subtree: true, childList: true, characterData: true, attributes: true });
    const frame = () => {
      drawn = false;
      requestAnimationFrame(frame);
    };
    frame();
  });
  const before = await heap();
  const began = Date.now();
  const found = [];
  for (let i = 0; i < Number(traces); i++) found.push(await trace(cdp, Number(each)));
  const twice = await page.evaluate(() => window.twice);
  const ticks = Math.ceil((Date.now() - began) / 15_000); // the waiting times change by themselves every 15 s
  const after = await heap();
  await please('end');
  const { data } = await ask(base, token, `{ board(communityId: "${community}") { ${numbers} } }`);
  const differ = async () => (await differing(page, data.board)).length;
  for (let tries = 0; tries < 50 && (await differ()) > 0; tries++) await page.waitForTimeout(100);
  await please(JSON.stringify({ long: found.map((f) => f.long), longest: found.map((f) => f.longest), twice: Math.max(0, twice - ticks), differ: await differ(), grown: after - before }));
});
