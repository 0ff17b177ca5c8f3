// Lets the clock of a board on a wall run through hours within a minute while orders move, and measures how its heap and the page grow. Its timers
// run as often as in these hours; the server's clock is the world's. Growth counts after six hours (half of fewer than twelve), which are a minute of load: until then the browser
// compiles the page's code and fills its caches. Arguments: the server's address, the commander's token, the community's id, and the hours.
import { signedIn } from './measure.mjs';

const step = 10_000; // ms of the page's clock: one beat of its connection, whose answer must come before the next
const steps = 360; // of an hour

export default ([base, token, , hours], visit) => visit({ name: 'bench-wall', base, viewport: { width: 1920, height: 1080 } }, async ({ newContext, please }) => {
  const context = await newContext();
  await context.clock.install();
  const { page, heap } = await signedIn(context, base, token, 'board?wall');
  const count = () => page.evaluate(() => document.querySelectorAll('*').length);
  await please('begin');
  let before, nodes;
  for (let i = 0; i < Number(hours) * steps; i++) {
    await page.clock.runFor(step);
    if (i === Math.min(6, Number(hours) / 2) * steps) [before, nodes] = [await heap(), await count()];
  }
  await please('end');
  await please(JSON.stringify({ grown: (await heap()) - before, nodes: (await count()) - nodes }));
});
