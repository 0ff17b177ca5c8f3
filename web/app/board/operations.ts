import { graphql, type ResultOf } from '../shared/graphql';

export const boardStream = graphql(`
  subscription Board($c: ID!) {
    board(communityId: $c) {
      at deliveredToday open held withoutHolder late expectedClearAt
      plan { behindMinutes expectedOrders }
      stages { stage count }
      buildings { building { id code } deliveredToday open held withoutHolder late stages { stage count oldestSince } }
      onShift { squad on planned absent }
      uncovered { id }
    }
  }
`);
export type Board = ResultOf<typeof boardStream>['board'];

export const alertsStream = graphql(`
  subscription Alerts($c: ID!) {
    alerts(communityId: $c) {
      id number kind severity level state openedAt note subjectId
      order { id number address }
      building { id code }
      owner { id code }
    }
  }
`);
export type Alert = ResultOf<typeof alertsStream>['alerts'][number];

export const arrivalsStream = graphql(`
  subscription Arrivals($c: ID!) {
    arrivals(communityId: $c) {
      id number state vehicle expectedAt arrivedAt late bagsAnnounced bagsReceived bagsMissing orders ordersReceived
      supplier { id name }
    }
  }
`);
export type Truck = ResultOf<typeof arrivalsStream>['arrivals'][number];

export const eventsStream = graphql(`
  subscription OrderEvents($c: ID!, $after: String) {
    orderEvents(communityId: $c, after: $after) { cursor kind at reason order { orderId number stage buildingId } }
  }
`);
export type Event = ResultOf<typeof eventsStream>['orderEvents'];

export const lastMoves = graphql(`
  query LastMoves($c: ID!) {
    orders(communityId: $c, orderBy: { field: MOVED_AT, direction: DESC }, first: 12) {
      feedCursor
      nodes { id number stage movedAt building { id } }
    }
  }
`);

export const ordersBehind = graphql(`
  query OrdersBehind($c: ID!, $filter: OrderFilter, $by: OrderOrder, $after: String) {
    orders(communityId: $c, filter: $filter, orderBy: $by, first: 50, after: $after) {
      totalCount totalCountExact
      pageInfo { hasNextPage endCursor }
      nodes {
        id number stage stageSince address held lateLevel bags
        supplier { id name }
        holder { __typename ... on Volunteer { id code } ... on Supplier { id name } }
      }
    }
  }
`);
export type Row = ResultOf<typeof ordersBehind>['orders']['nodes'][number];

export const orderStream = graphql(`
  subscription OneOrder($id: ID!) {
    order(id: $id) {
      id number version stage stageSince placedAt address bags bagsIn note expectedAt targetAt lateLevel actsNext
      supplier { id name }
      holder { __typename ... on Volunteer { id code } ... on Supplier { id name } }
      building { id code }
      lines { id item quantity unit }
      holds { id reason note until placedAt orderId buildingId householdId supplierId arrivalId }
      allowedMoves { to kind reasons }
      incidents { id number kind level state openedAt owner { id code } }
      history(last: 50) { cursor kind at by { role } from reason holdReason order { stage version } }
    }
  }
`);
export type OneOrder = ResultOf<typeof orderStream>['order'];

export const buildingQuery = graphql(`
  query OneBuilding($id: ID!, $c: ID!) {
    node(id: $id) {
      ... on Building {
        id code name hasLift accessNote
        services { duty volunteer { id code reachable } }
        holds { id reason note until placedAt orderId buildingId householdId supplierId arrivalId }
      }
    }
    volunteers(communityId: $c, filter: { squads: [SUPPLY] }, first: 200) {
      nodes { id code rank version reachable services { duty building { id } } }
    }
  }
`);

/** Who should serve which building: one change for each volunteer. */
export const suggestions = graphql(`
  query Suggestions($c: ID!) {
    suggestAssignments(communityId: $c) {
      volunteerId expectedVersion why services { buildingId duty }
      volunteer { id code services { duty building { id } } }
    }
  }
`);

export const truckQuery = graphql(`
  query TruckList($id: ID!) {
    arrivalList(arrivalId: $id) { announced counted order { id number address stage } }
  }
`);

export const communitiesQuery = graphql(`
  query Communities {
    communities(first: 200) { nodes { id code name timeZone archivedAt } }
  }
`);


export const placeHold = graphql(`
  mutation PlaceHold($input: PlaceHoldInput!) {
    placeHold(input: $input) { userErrors { message code reason } results { subjectId hold { id } userErrors { message code reason } } }
  }
`);
export const releaseHold = graphql(`
  mutation ReleaseHold($input: ReleaseHoldInput!) {
    releaseHold(input: $input) { userErrors { message code reason } results { subjectId userErrors { message code reason } } }
  }
`);
export const cancelOrder = graphql(`
  mutation CancelOrder($input: CancelOrderInput!) {
    cancelOrder(input: $input) { userErrors { message code reason } results { orderId userErrors { message code reason } } }
  }
`);
export const takeIncidents = graphql(`
  mutation TakeIncidents($input: TakeIncidentsInput!) {
    takeIncidents(input: $input) { userErrors { message code reason } results { id userErrors { message code reason } } }
  }
`);
export const updateVolunteers = graphql(`
  mutation UpdateVolunteers($input: UpdateVolunteersInput!) {
    updateVolunteers(input: $input) { userErrors { message code reason } results { index userErrors { message code reason } } }
  }
`);

/** How many orders were expected to be handed over, every ten minutes of the present day. */
export const bandOfDay = graphql(`
  query BandOfDay($c: ID!) {
    planAgainstActual(communityId: $c) { band { at low high } }
  }
`);

/** The orders that were handed over in each of six hours. */
export const sixHours = graphql(`
  query SixHours($c: ID!, $t0: DateTime!, $t1: DateTime!, $t2: DateTime!, $t3: DateTime!, $t4: DateTime!, $t5: DateTime!, $t6: DateTime!) {
    h0: orders(communityId: $c, first: 0, filter: { stages: [DELIVERED], movedFrom: $t0, movedUntil: $t1 }) { totalCount }
    h1: orders(communityId: $c, first: 0, filter: { stages: [DELIVERED], movedFrom: $t1, movedUntil: $t2 }) { totalCount }
    h2: orders(communityId: $c, first: 0, filter: { stages: [DELIVERED], movedFrom: $t2, movedUntil: $t3 }) { totalCount }
    h3: orders(communityId: $c, first: 0, filter: { stages: [DELIVERED], movedFrom: $t3, movedUntil: $t4 }) { totalCount }
    h4: orders(communityId: $c, first: 0, filter: { stages: [DELIVERED], movedFrom: $t4, movedUntil: $t5 }) { totalCount }
    h5: orders(communityId: $c, first: 0, filter: { stages: [DELIVERED], movedFrom: $t5, movedUntil: $t6 }) { totalCount }
  }
`);
