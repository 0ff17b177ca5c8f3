import { graphql, type ResultOf } from '../shared/graphql';

export const callFields = graphql(`
  fragment CallFields on Enquiry @_unmask {
    id number kind way text script urgent state dueAt attempts loggedAt leaseUntil phone
    takenBy { id code }
    household { id address people needs phone contactName }
  }
`);
export type Call = ResultOf<typeof callFields>;

export const queue = graphql(`
  subscription DeskQueue($community: ID!) {
    callQueue(communityId: $community) {
      waiting due urgent taken oldestDueAt desks
      enquiries { id number kind urgent state dueAt attempts takenBy { id code } household { id address } }
    }
  }
`);
export type Queue = ResultOf<typeof queue>['callQueue'];

export const take = graphql(`
  mutation TakeCall($input: TakeEnquiryInput!) {
    takeEnquiry(input: $input) { enquiry { ...CallFields } callBack userErrors { message code reason } }
  }
`, [callFields]);

export const postpone = graphql(`
  mutation PostponeCall($input: PostponeEnquiryInput!) {
    postponeEnquiry(input: $input) { enquiry { id number dueAt attempts } userErrors { message code reason } }
  }
`);

export const close = graphql(`
  mutation CloseCall($input: CloseEnquiryInput!) {
    closeEnquiry(input: $input) { enquiry { id number outcome } incident { number } userErrors { message code reason } }
  }
`);

export const log = graphql(`
  mutation LogCall($input: LogEnquiryInput!) {
    logEnquiry(input: $input) { enquiry { id number state } userErrors { message code reason } }
  }
`);

export const reveal = graphql(`
  mutation RevealCaller($input: RevealContactInput!) {
    revealContact(input: $input) { contact { name phone } userErrors { message code reason } }
  }
`);

export const open = graphql(`
  query CallerOrders($community: ID!, $household: ID!) {
    orders(communityId: $community, filter: { householdIds: [$household], open: true }, first: 20) {
      nodes { id number stage stageSince expectedAt held lines { item quantity unit } supplier { name } }
    }
  }
`);

export const windows = graphql(`
  query DeskWindows($community: ID!) {
    orderWindows(communityId: $community, open: true) {
      id name closesAt deliverAt
      supplier { name }
      offers { priceFen left leftForPhone householdCap package { id name unit } }
    }
  }
`);
export type Window = ResultOf<typeof windows>['orderWindows'][number];

export const find = graphql(`
  query FindHousehold($community: ID!, $text: String!) {
    households(communityId: $community, filter: { text: $text }, first: 8) { nodes { id address contactName } }
  }
`);

export const place = graphql(`
  mutation PlaceByPhone($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      order { id number stage stageSince expectedAt held lines { item quantity unit } supplier { name } }
      userErrors { field message code reason details { readBack } }
    }
  }
`);
