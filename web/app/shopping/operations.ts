import { graphql, type ResultOf } from '../shared/graphql';

export const list = graphql(`
  query ShoppingList($community: ID!, $taker: ID) {
    community(id: $community) { name }
    shoppingList(communityId: $community, takerId: $taker) {
      item unit quantity
      for { order { id number address } quantity substitute unitPriceFen }
    }
  }
`);
export type Item = ResultOf<typeof list>['shoppingList'][number];

export const takers = graphql(`
  query Shoppers($community: ID!) {
    orders(communityId: $community, first: 200, filter: { open: true, channels: [BUY_FOR, ERRAND] }) { nodes { id taker { id code } } }
  }
`);
