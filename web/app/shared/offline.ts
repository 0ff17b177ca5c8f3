import { address } from './address';

/**
 * Registers the service worker, so that this page begins without a network the next time. The one of the squads is for the whole program, the one of the
 * residents for their page alone. Browsers have it over HTTPS and on this machine only; elsewhere the page needs the network to begin, and works without it
 * once it is open.
 */
export function beginOffline(of: 'squads' | 'residents' = 'squads') {
  const [worker, scope] = of === 'squads' ? ['sw.js', ''] : ['sw.js?of=residents', 'my'];
  navigator.serviceWorker?.register(address(worker), { scope: address(scope) }).catch(() => {}); // such as in a private window
}
