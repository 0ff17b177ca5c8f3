// What the scripts that measure share.

// signedIn opens a page with a token and returns it with a CDP session and a function that returns the bytes of its heap after a collection.
export async function signedIn(context, base, token, path) {
  const page = await context.newPage();
  await page.goto(`${base}/healthz`);
  await page.evaluate((t) => localStorage.setItem('baogong:sign-in', JSON.stringify({ token: t, expiresAt: null, since: new Date().toISOString() })), token);
  await page.goto(`${base}/${path}`);
  await page.locator('.tile').first().waitFor();
  const cdp = await context.newCDPSession(page);
  const heap = async () => {
    await cdp.send('HeapProfiler.collectGarbage');
    return (await cdp.send('Runtime.getHeapUsage')).usedSize;
  };
  return { page, cdp, heap };
}

// trace records what the page's main thread does, and returns how many of its tasks take longer than 50 ms, and the longest, in ms.
export async function trace(cdp, ms) {
  const events = [];
  const collect = ({ value }) => events.push(...value);
  cdp.on('Tracing.dataCollected', collect);
  await cdp.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { recordMode: 'recordAsMuchAsPossible', includedCategories: ['disabled-by-default-devtools.timeline', 'devtools.timeline'], excludedCategories: ['*'] } });
  await new Promise((done) => setTimeout(done, ms));
  const over = new Promise((done) => cdp.once('Tracing.tracingComplete', done));
  await cdp.send('Tracing.end');
  await over;
  cdp.off('Tracing.dataCollected', collect);
  const mains = new Set(events.filter((e) => e.name === 'thread_name' && e.args.name === 'CrRendererMain').map((e) => `${e.pid} ${e.tid}`));
  const busy = new Map(); // by thread; other renderers of the browser do next to nothing
  for (const e of events) {
    const key = `${e.pid} ${e.tid}`;
    if (e.name !== 'RunTask' || e.dur === undefined || !mains.has(key)) continue; // the trace ends within a task
    if (!busy.has(key)) busy.set(key, []);
    busy.get(key).push(e.dur / 1000);
  }
  const tasks = [...busy.values()].sort((a, b) => b.length - a.length)[0];
  if (!tasks) throw new Error('the trace has no task of the page');
  return { long: tasks.filter((d) => d > 50).length, longest: tasks.reduce((most, d) => Math.max(most, d), 0) };
}

// numbers is the part of a board that is compared with the page's.
export const numbers = 'open stages { stage count } buildings { open building { code } stages { stage count } }';

// differing returns the tiles and numbers of a board's page that differ from a board that was read with numbers.
export const differing = (page, board) => page.evaluate((board) => {
  const named = (stages) => stages.map((s) => `${s.count}`).join();
  const wrong = board.buildings.filter((b) => {
    const tile = [...document.querySelectorAll('.tile')].find((t) => t.querySelector('.code').textContent === b.building.code);
    const parts = [...tile.querySelectorAll('.bar > .stage')].map((s) => s.title.match(/\d+$/)[0]).join();
    return !tile.querySelector('.head').textContent.endsWith(` ${b.open}`) || parts !== named(b.stages.filter((s) => s.count > 0));
  }).map((b) => b.building.code);
  return wrong.concat(board.stages.filter((s) => document.querySelector(`.numbers .${s.stage} b`).textContent !== String(s.count)).map((s) => s.stage));
}, board);
