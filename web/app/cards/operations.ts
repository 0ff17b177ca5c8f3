import { graphql } from '../shared/graphql';

export const buildings = graphql(`
  query CardBuildings($community: ID!, $after: String) {
    community(id: $community) { name code }
    buildings(communityId: $community, first: 200, after: $after) { nodes { id code } pageInfo { hasNextPage endCursor } }
  }
`);

export const households = graphql(`
  query CardHouseholds($community: ID!, $building: ID!, $after: String) {
    households(communityId: $community, filter: { buildingIds: [$building] }, first: 200, after: $after) {
      nodes { id address }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

/** How many cards the households ever had. */
export const carded = graphql(`
  query Carded($community: ID!, $homes: [ID!]!) {
    codes(communityId: $community, filter: { purposes: [CARD], subjectIds: $homes, includeEnded: true }, first: 0) { totalCount }
  }
`);

export const issue = graphql(`
  mutation IssueCards($input: IssueCardsInput!) {
    issueCards(input: $input) {
      results { subjectId secret url qr expiresAt userErrors { message code reason } }
      userErrors { message code reason }
    }
  }
`);
