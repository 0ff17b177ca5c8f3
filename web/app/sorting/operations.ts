import { graphql, type ResultOf } from '../shared/graphql';
import { why } from '../shared/why';

/** What there is to sort, and the bins. It is kept on the device: a bag for another bin is found without a network. */
export const manifest = graphql(`
  query SortingDesk($communityId: ID!) {
    sortingManifest(communityId: $communityId) {
      cut
      buildings { building { id code } orders { id number bags bagsIn stage marks address orderUnit: unit { id } } }
    }
    bins(communityId: $communityId, first: 200) { nodes { id code cold building { id code } unit { id } } }
  }
`);
export type Manifest = ResultOf<typeof manifest>;

export const progress = graphql(`
  subscription SortingProgress($communityId: ID!) {
    sortingProgress(communityId: $communityId) { buildings { building { id code } expected atGate sorted settling missing } }
  }
`);

export const sort = graphql(`
  mutation SortBag($input: SortOrdersInput!) {
    did: sortOrders(input: $input) { sorted batchId results { orderId moved userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);

export const report = graphql(`
  mutation ReportBag($input: ReportIncidentsInput!) {
    did: reportIncidents(input: $input) { results { userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);

export const undo = graphql(`
  mutation UndoSort($input: UndoMoveInput!) {
    did: undoMove(input: $input) { results { orderId moved userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);
