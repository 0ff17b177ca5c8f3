import { graphql, type ResultOf } from '../shared/graphql';
import { why } from '../shared/why';

export const trucks = graphql(`
  subscription GateTrucks($communityId: ID!) {
    arrivals(communityId: $communityId) {
      id number state vehicle expectedAt slotAt late arrivedAt receivedAt bagsAnnounced bagsReceived bagsMissing bagsStray orders version
      supplier { name }
    }
  }
`);
export type Truck = ResultOf<typeof trucks>['arrivals'][number];

export const truckList = graphql(`
  query GateList($arrivalId: ID!) {
    arrivalList(arrivalId: $arrivalId) { announced counted damaged order { id number label bags marks building { code } } }
  }
`);
export type Row = ResultOf<typeof truckList>['arrivalList'][number];

export const arrive = graphql(`
  mutation GateArrive($input: ArriveInput!) {
    did: arrive(input: $input) { arrival { id state } userErrors { ...Why } }
  }
`, [why]);

/** A truck without a time is at the gate already. */
export const announce = graphql(`
  mutation GateAnnounce($input: AnnounceArrivalInput!) {
    did: announceArrival(input: $input) { arrival { id state } results { orderId userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);

export const sellers = graphql(`
  query GateSuppliers($community: ID!) { suppliers(communityId: $community, first: 200) { nodes { id name } } }
`);

/** What a supplier has still to bring. */
export const coming = graphql(`
  query GateComing($community: ID!, $suppliers: [ID!]!, $text: String, $after: String) {
    orders(communityId: $community, filter: { supplierIds: $suppliers, stages: [PLACED, DISPATCHED], text: $text }, orderBy: { field: PLACED_AT, direction: ASC }, first: 200, after: $after) {
      totalCount totalCountExact pageInfo { hasNextPage endCursor }
      nodes { id number stage label arrival { id state } }
    }
  }
`);

export const receive = graphql(`
  mutation GateReceive($input: ReceiveArrivalInput!) {
    did: receiveArrival(input: $input) { arrival { id state } results { orderId bags userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);

export const logStrays = graphql(`
  mutation GateStrays($input: LogStraysInput!) {
    did: logStrays(input: $input) { results { stray { id number } userErrors { ...Why } } userErrors { ...Why } }
  }
`, [why]);
