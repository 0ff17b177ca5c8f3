// node sse.mjs <url>
// Drives the schema of server's tests with the graphql-sse client. Prints "ready" when it watches a stream, and
// ends well when that stream, cut by a restart of the server, has come back.
import assert from 'node:assert/strict'
import { createClient } from 'graphql-sse'

const client = createClient({
  url: process.argv[2],
  headers: { authorization: 'Bearer li' },
  retry: () => new Promise((next) => setTimeout(next, 100)),
  retryAttempts: 50,
})
const all = async (query) => {
  const values = []
  for await (const value of client.iterate({ query })) values.push(value)
  return values
}

assert.deepEqual(await all('{ me }'), [{ data: { me: 'li' } }])
assert.deepEqual((await all('subscription { count(to: 3) }')).map((v) => v.data.count), ['0', '1', '2'])
const resync = await all('subscription { feed(end: "resync") }')
assert.equal(resync[1].errors[0].extensions.code, 'RESYNC_REQUIRED')
assert.equal((await all('{ nope }'))[0].errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED')

const feed = client.iterate({ query: 'subscription { feed }' })
assert.ok((await feed.next()).value.data.feed)
console.log('ready')
assert.ok((await feed.next()).value.data.feed)
await feed.return()
client.dispose()
