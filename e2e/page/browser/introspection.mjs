// Reads a schema from standard input and prints what a server with it answers to GraphiQL's introspection query.
import { text } from 'node:stream/consumers';

import { buildSchema, introspectionFromSchema } from 'graphql';

const schema = buildSchema(await text(process.stdin));
const data = introspectionFromSchema(schema, { schemaDescription: true, inputValueDeprecation: true });
process.stdout.write(JSON.stringify({ data }));
