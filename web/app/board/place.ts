// What is open is in the address, so that Back works and a link can be passed on.
import { computed, signal } from '@preact/signals';

import { address } from '../shared/address';

type Key = 'community' | 'show' | 'building' | 'order' | 'truck' | 'wall';

const query = signal(location.search);
addEventListener('popstate', () => (query.value = location.search));

const asked = computed(() => new URLSearchParams(query.value));
const get = (key: Key) => computed(() => asked.value.get(key));

/** The community that an administrator has chosen, by its id. */
export const chosen = get('community');
/** Which orders are listed: a stage, or one of late, held, uncovered, delivered and open; null if no list is open. */
export const shown = get('show');
/** The building that is open, by its id. */
export const building = get('building');
/** The order that is open, by its id. */
export const order = get('order');
/** The arrival that is open, by its id. */
export const truck = get('truck');
/** Whether the page hangs on a wall: no controls. */
export const wall = computed(() => asked.value.has('wall'));
/** Whether anything is open beside the board. */
export const open = computed(() => Boolean(shown.value ?? building.value ?? order.value ?? truck.value));

type Changes = Partial<Record<Key, string | null>>;

// search returns the query with changes; null removes a key.
function search(changes: Changes): string {
  const next = new URLSearchParams(asked.value);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === undefined) next.delete(key);
    else next.set(key, value);
  }
  const text = next.toString();
  return text ? `?${text}` : '';
}

/** Nothing is open. */
export const closed = { show: null, building: null, order: null, truck: null } satisfies Changes;

/** Opens a place; Back returns to the present one. */
export function to(changes: Changes, replace = false) {
  const href = address(`board${search(changes)}`);
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  query.value = location.search;
}

/** The attributes of a link to a place, which also opens in a new window. */
export const linkTo = (changes: Changes) => ({
  href: address(`board${search(changes)}`),
  onClick: (e: MouseEvent) => {
    if (e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey) return;
    e.preventDefault();
    to(changes);
  },
});
