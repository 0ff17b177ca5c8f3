import { initGraphQLTada } from 'gql.tada';

import type { introspection } from '../schema';

/** Parses an operation, whose results and variables are typed from the schema. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { ID: string; DateTime: string; Quantity: string; Fen: number; PersonName: string; Phone: string };
}>();

export { readFragment } from 'gql.tada';
export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
