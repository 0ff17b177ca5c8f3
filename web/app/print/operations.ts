import { graphql, type ResultOf } from '../shared/graphql';

export const subject = graphql(`
  query PrintSubject($id: ID!) { node(id: $id) { __typename id ... on Community { name } } }
`);

const orderFields = graphql(`
  fragment PrintedOrder on Order @_unmask {
    id number stage labels marks
    bagLabels @include(if: $drawn) { text qr }
    household { id floor }
    unit { id number }
    bin { id code }
  }
`);
export type Order = ResultOf<typeof orderFields>;

export const manifest = graphql(`
  query Manifest($community: ID!, $arrival: ID, $building: ID, $drawn: Boolean!) {
    sortingManifest(communityId: $community, arrivalId: $arrival, buildingId: $building) {
      cut
      buildings { building { id code } expected atGate sorted bags orders { ...PrintedOrder } }
    }
  }
`, [orderFields]);
export type Building = ResultOf<typeof manifest>['sortingManifest']['buildings'][number];

export const labelled = graphql(`
  query OrderLabels($order: ID!) { order(id: $order) { id number marks bagLabels { text qr } } }
`);

export const arrivalLabels = graphql(`
  query ArrivalLabels($arrival: ID!) { arrivalList(arrivalId: $arrival) { order { id number marks bagLabels { text qr } } } }
`);
export type Labelled = NonNullable<ResultOf<typeof labelled>['order']>;

export const offers = graphql(`
  query PrintOffers($community: ID!, $all: Boolean!) {
    buildings(communityId: $community, first: 200) @include(if: $all) { nodes { id code } }
    arrivals(communityId: $community) { id number supplier { name } }
  }
`);

export const communities = graphql(`
  query PrintCommunities { communities(first: 200) { nodes { id name code } } }
`);
