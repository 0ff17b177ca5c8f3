import { graphql, type ResultOf } from '../shared/graphql';

export const create = graphql(`
  mutation CreateCommunities($input: CreateCommunitiesInput!) {
    createCommunities(input: $input) { results { community { id } userErrors { message code reason } } userErrors { message code reason } }
  }
`);

export const deskPhone = graphql(`
  query DeskPhone($community: ID!) { community(id: $community) { deskPhone } }
`);

export const setDeskPhone = graphql(`
  mutation SetDeskPhone($input: UpdateCommunitiesInput!) {
    updateCommunities(input: $input) { results { userErrors { message code reason } } userErrors { message code reason } }
  }
`);

export const importEstate = graphql(`
  mutation ImportEstate($input: ImportEstateInput!) {
    importEstate(input: $input) {
      report {
        written errorCount
        sheets { kind new changed unchanged wrong missing }
        errors { sheet cell message }
        remarks { sheet cell message }
      }
      userErrors { message code reason }
    }
  }
`);
export type Report = NonNullable<ResultOf<typeof importEstate>['importEstate']['report']>;

export const people = graphql(`
  query SetupPeople($community: ID!, $after: String) {
    community(id: $community) { name }
    volunteers(communityId: $community, first: 200, after: $after) {
      nodes { id code name squad rank services { duty building { id code } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
export type Person = ResultOf<typeof people>['volunteers']['nodes'][number];

/** How many invitations were ever made in a community. */
export const invited = graphql(`
  query Invited($community: ID!) {
    codes(communityId: $community, filter: { purposes: [INVITATION], includeEnded: true }, first: 0) { totalCount }
  }
`);

export const shops = graphql(`
  query SetupSuppliers($community: ID!, $after: String) {
    suppliers(communityId: $community, first: 200, after: $after) { nodes { id code name } pageInfo { hasNextPage endCursor } }
  }
`);

export const invite = graphql(`
  mutation Invite($input: CreateInvitationsInput!) {
    createInvitations(input: $input) {
      results { subjectId secret url qr expiresAt userErrors { message code reason } }
      userErrors { message code reason }
    }
  }
`);
