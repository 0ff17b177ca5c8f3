// Prints what a server with the schema in the named file answers to GraphiQL's introspection query.
import { readFile } from 'node:fs/promises';

import { buildSchema, introspectionFromSchema } from 'graphql';

const schema = buildSchema(await readFile(process.argv[2], 'utf8'));
const data = introspectionFromSchema(schema, { schemaDescription: true, inputValueDeprecation: true });
process.stdout.write(JSON.stringify({ data }));
