// Opens pages at the widths of phones and checks that none is wider than the screen. Arguments: the pages' addresses.
import assert from 'node:assert/strict';

export default (addresses, visit) => visit({ name: 'narrow', base: addresses }, async ({ open, picture }) => {
  const page = await open('about:blank');
  for (const address of addresses) {
    await page.goto('about:blank'); // so that an address that differs in its fragment alone is loaded
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto(address);
    await page.waitForLoadState('networkidle', { timeout: 2000 }).catch(() => {}); // a stream stays open
    for (const width of [320, 390]) {
      await page.setViewportSize({ width, height: 640 });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${address} is wider than ${width} px`);
    }
    await picture(page, `narrow${new URL(address).pathname.replaceAll(/\W/g, '-')}`);
  }
});
