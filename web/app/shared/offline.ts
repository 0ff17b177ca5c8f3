import { address } from './address';

/**
 * Registers the service worker, so that this page begins without a network the next time. The one of the squads is for the whole program, the one of the
 * residents for their page alone. Browsers have it over HTTPS and on this machine only; elsewhere the page needs the network to begin, and works without it
 * once it is open.
 */
export function beginOffline(of: 'squads' | 'residents' = 'squads') {
  const [worker, scope, after] = of === 'squads' ? ['sw.js', '', 0] : ['sw.js?of=residents', 'my', 5_000]; // a resident's orders come first on a bad connection
  setTimeout(() => navigator.serviceWorker?.register(address(worker), { scope: address(scope) }).catch(() => {}), after); // such as in a private window
}
