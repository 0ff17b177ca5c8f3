import { graphql, type ResultOf } from '../shared/graphql';
import { why } from '../shared/why';

const carried = graphql(`
  fragment Carried on Order @_unmask {
    id number stage channel address label bags marks note held
    lines { position item quantity unit }
    household { id floor room contactName instructions }
    building { id code }
    orderUnit: unit { number }
  }
`);

/** The order as a round shows it: no phone numbers and no codes. */
export type Carried = ResultOf<typeof carried>;

/** The volunteer's open round and what waits for the next one. */
export const myRound = graphql(`
  subscription MyRound($communityId: ID!) {
    myRound(communityId: $communityId) {
      round { id number startedAt doors { address proofs orders { ...Carried } } }
      waiting { ...Carried }
    }
  }
`, [carried]);

/** The orders that the volunteer runs, before they are handed over. */
export const errands = graphql(`
  query MyErrands($communityId: ID!, $own: [ID!]!) {
    orders(communityId: $communityId, filter: { holderIds: $own, channels: [BUY_FOR, ERRAND], stages: [PLACED, DISPATCHED] }, orderBy: { field: PLACED_AT, direction: ASC }, first: 50) {
      nodes { ...Carried stage }
    }
  }
`, [carried]);
export type Errand = ResultOf<typeof errands>['orders']['nodes'][number];

/** The newest runs and what they left: a volunteer of buildings sees those that carried something for them. */
export const drops = graphql(`
  query RoundDrops($communityId: ID!) {
    runs(communityId: $communityId, first: 50) { nodes { id number stops { building { id code } bagsLeft leftAt bagsAccepted } } }
  }
`);

/** The building's own count of what a cart left. Both counts stay if they differ. */
export const count = graphql(`
  mutation CountDrop($input: AcceptDropInput!) {
    did: acceptDrop(input: $input) { run { id } userErrors { ...Why } }
  }
`, [why]);

/** What suffices as a proof here, and when it is quiet. */
export const rules = graphql(`
  query RoundRules($id: ID!) { community(id: $id) { id acceptedProofs quietFrom quietUntil } }
`);

export const take = graphql(`
  mutation Take($input: StartRoundInput!) {
    did: startRound(input: $input) { round { id number } batchId results { orderId taken userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);

export const handOver = graphql(`
  mutation HandOver($input: HandOverInput!) {
    did: handOver(input: $input) { batchId results { orderIds delivered userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);

/** A failed attempt: the orders go back to the shelf of their building. */
export const notOpened = graphql(`
  mutation NotOpened($input: AdvanceOrdersInput!) {
    did: advanceOrders(input: $input) { batchId results { orderId moved userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);

export const undo = graphql(`
  mutation Undo($input: UndoMoveInput!) {
    did: undoMove(input: $input) { results { orderId moved userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);

export const end = graphql(`
  mutation EndRound($input: EndRoundInput!) {
    did: endRound(input: $input) { round { id endedAt } results { orderId returned userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);

export const reveal = graphql(`
  mutation Reveal($input: RevealContactInput!) {
    revealContact(input: $input) { contact { name phone } userErrors { message code reason } }
  }
`);

/** The contacts of all doors of a building's round in one recorded act. */
export const revealAll = graphql(`
  mutation RevealRound($input: RevealRoundInput!) {
    revealRound(input: $input) { contacts { household { id } name phone } leftOut userErrors { message code reason } }
  }
`);
