// Launches the browser of the tests of the pages.
import { chromium } from 'playwright-core';

import { flags } from './camera.mjs';

// Features that are disabled. Chromium takes the last list only, so Playwright's own are repeated, as far as they change what a page does.
const disabled = [
  'AimEnabled', 'AvoidCorsURLLoaderRestartOnRedirect', 'HttpsFirstBalancedModeAutoEnable', 'HttpsUpgrades', 'NetworkTimeServiceQuerying', 'OptimizationHints',
  'PaintHolding', 'PreconnectToSearch', 'DestroyProfileOnBrowserClose', 'AvoidUnnecessaryBeforeUnloadCheckSync', 'ThirdPartyStoragePartitioning', 'MediaRouter', 'LensOverlay',
  // The menus of the address bar are pages themselves. Chromium 156 loads two of them for each new window, which costs 0.9 s of CPU.
  'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup', 'WebUIOmniboxPopup',
];

// launch starts a browser whose only camera films what is in the file. It does not load a page again by itself when the network comes back: that would interrupt
// what a script opens.
export function launch(executablePath, camera) {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-auto-reload', `--disable-features=${disabled}`, ...flags(camera)] });
}
