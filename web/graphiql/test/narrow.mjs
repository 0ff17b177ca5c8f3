// Opens pages at the widths of phones and checks that none is wider than the screen. Arguments: the server's address, the pages' paths
// as JSON, the browser's program and, optionally, a folder for pictures.
import assert from 'node:assert/strict';

import { visit } from './visit.mjs';

const [base, paths, executablePath, pictures] = process.argv.slice(2);

await visit({ name: 'narrow', base, executablePath, pictures, viewport: { width: 320, height: 640 } }, async ({ open, picture }) => {
  for (const path of JSON.parse(paths)) {
    const page = await open(base + path);
    await page.waitForLoadState('networkidle').catch(() => {}); // a stream stays open
    for (const width of [320, 390]) {
      await page.setViewportSize({ width, height: 640 });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} is wider than ${width} px`);
    }
    await picture(page, `narrow${path.replaceAll(/\W/g, '-')}`);
    await page.context().close();
  }
});
