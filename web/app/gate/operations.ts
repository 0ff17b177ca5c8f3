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
    arrivalList(arrivalId: $arrivalId) { announced counted order { id number label bags marks building { code } } }
  }
`);
export type Row = ResultOf<typeof truckList>['arrivalList'][number];

export const arrive = graphql(`
  mutation GateArrive($input: ArriveInput!) {
    did: arrive(input: $input) { arrival { id state } userErrors { ...Why } }
  }
`, [why]);

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
