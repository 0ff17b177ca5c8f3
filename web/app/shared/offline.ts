import { address } from './address';

/**
 * Registers the service worker, so that this page begins without a network the next time. Browsers have it over HTTPS and on this machine
 * only; elsewhere the page needs the network to begin, and works without it once it is open.
 */
export function beginOffline() {
  navigator.serviceWorker?.register(address('sw.js')).catch(() => {}); // such as in a private window
}
