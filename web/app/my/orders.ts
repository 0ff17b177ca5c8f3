import { effect, signal } from '@preact/signals';

import { askList } from '../shared/api';
import { connection } from '../shared/connection';
import { follow } from '../shared/follow';
import { graphql, type ResultOf } from '../shared/graphql';
import { persist, token } from '../shared/session';
import { store } from '../shared/store';
import { chain } from '../shared/terms';
import { zone } from '../shared/time';

const myOrders = graphql(`
  query MyOrders($communityId: ID!) {
    open: orders(communityId: $communityId, filter: { open: true }, first: 10) {
      feedCursor
      nodes {
        id number stage stageSince version channel confirmedAt placedBy { role } ahead expectedAt doorCode marks actsNext held
        holds { reason until }
        lines { id item quantity unit package { id } }
        note totalFen
        window { id state closesAt }
        stageTimes { stage at }
        history(last: 15) { kind at from reason order { stage version } }
        incidents { id kind state }
        allowedMoves { to }
      }
    }
    ended: orders(communityId: $communityId, filter: { open: false }, orderBy: { field: MOVED_AT, direction: DESC }, first: 8) {
      nodes {
        id number stage stageSince version confirmedAt
        lines { id item quantity unit }
        incidents { id kind state }
      }
    }
    enquiries(communityId: $communityId, first: 3) { nodes { id number kind enquiryState: state loggedAt answer closedAt } }
  }
`);

type Answer = ResultOf<typeof myOrders>;
export type Order = Answer['open']['nodes'][number];
export type Ended = Answer['ended']['nodes'][number];
export type Enquiry = Answer['enquiries']['nodes'][number];

/** What the page shows. kept means that it is from an earlier visit: the server has not answered yet. */
export type Mine = { household: string; address: string; zone: string; open: Order[]; ended: Ended[]; enquiries: Enquiry[]; at: number; kept: boolean };

/** What the page shows; null before the first answer ever. */
export const mine = signal<Mine | null>(recall());

// The end of the sign-in's token, which tells whose orders were kept: another card may have replaced the sign-in.
function tail() {
  return token.peek()?.slice(-8);
}

/** The last answer of an earlier visit under the same sign-in. Codes are never kept. */
function recall(): Mine | null {
  const last = store.get<Mine & { of: string }>('my');
  if (!last || last.of !== tail()) return null;
  zone.value = last.zone;
  return { ...last, kept: true };
}

function keep(m: Mine) {
  try {
    store.set('my', { ...m, of: tail(), open: m.open.map((o) => ({ ...o, doorCode: null })) });
  } catch {
    // The storage is full; the page works without it.
  }
}

// What one household saw is not left for the next.
effect(() => {
  if (token.value) return;
  store.set('my', null);
  mine.value = null;
});

/** Sorts what is nearer to the door first. */
const nearest = (a: Order, b: Order) => chain.indexOf(b.stage) - chain.indexOf(a.stage) || a.number - b.number;

type Home = { household: { id: string; address: string } | null; community: { id: string; timeZone: string } | null };

let again: () => void = () => {};

/** Reads the present soon, such as after an act of this page. */
export const refresh = () => again();

/** Keeps `mine` true. Returns a function that stops it. */
export function followMine({ household, community }: Home): () => void {
  if (!household || !community) return () => {};
  let over = false;
  const { soon, stop } = follow(community.id, async () => {
    const got = await persist(() => askList(myOrders, { communityId: community.id }));
    if (!over) {
      mine.value = {
        household: household.id, address: household.address, zone: community.timeZone, open: [...got.open.nodes].sort(nearest), ended: got.ended.nodes,
        enquiries: got.enquiries.nodes, at: Date.now(), kept: false,
      };
      keep(mine.value);
    }
    return got.open.feedCursor;
  });
  again = soon;
  return () => {
    over = true;
    again = () => {};
    stop();
  };
}

/** Whether what is shown may no longer be true. */
export const old = () => mine.value !== null && (mine.value.kept || connection.value === 'lost');
