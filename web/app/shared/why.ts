import { graphql } from './graphql';

/** What a mutation of the outbox asks of its refusals: a card says what happened meanwhile. */
export const why = graphql(`
  fragment Why on UserError @_unmask { message code reason details { stage movedAt movedBy { role id } left } }
`);
