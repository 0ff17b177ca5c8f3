// Writes schema.d.ts, from which gql.tada types the operations: `npm run schema`. The file is not committed.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { minifyIntrospection, outputIntrospectionFile } from '@gql.tada/internal';
import { buildSchema, introspectionFromSchema } from 'graphql';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const areas = readdirSync(join(root, 'schema')).filter((name) => name.endsWith('.graphql')).map((name) => `schema/${name}`);
const text = ['schema.graphql', ...areas].map((name) => readFileSync(join(root, name), 'utf8')).join('\n');
const introspection = minifyIntrospection(introspectionFromSchema(buildSchema(text), { descriptions: false }));
writeFileSync(new URL('../schema.d.ts', import.meta.url), outputIntrospectionFile(introspection, { fileType: '.d.ts', shouldPreprocess: true }));
