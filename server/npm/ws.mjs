// node ws.mjs <url>
// Drives the schema of server's tests with the graphql-ws client. Prints "ready" when it watches a stream, and
// ends well when that stream, cut by a restart of the server, has come back.
import assert from 'node:assert/strict'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const closes = []
const client = createClient({
  url: process.argv[2].replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: 'Bearer li', locale: 'zh-CN' },
  keepAlive: 50,
  retryWait: () => new Promise((next) => setTimeout(next, 100)),
  retryAttempts: 50,
  on: { closed: (event) => closes.push(event.code) },
})
const all = (query, variables) =>
  new Promise((resolve) => {
    const values = []
    client.subscribe({ query, variables }, {
      next: (value) => values.push(value),
      error: (error) => resolve({ values, error }),
      complete: () => resolve({ values }),
    })
  })

assert.deepEqual(await all('query($n: String) { hello(name: $n) me locale }', { n: '李' }),
  { values: [{ data: { hello: '李', me: 'li', locale: 'zh-CN' } }] })
assert.deepEqual((await all('mutation { bump }')).values, [{ data: { bump: 1 } }])
assert.deepEqual((await all('subscription { count(to: 3) }')).values.map((v) => v.data.count), ['0', '1', '2'])
const resync = await all('subscription { feed(end: "resync") }')
assert.equal(resync.values.length, 1)
assert.equal(resync.error[0].extensions.code, 'RESYNC_REQUIRED')
assert.equal((await all('{ nope }')).error[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED')

const feed = client.iterate({ query: 'subscription { feed }' })
assert.ok((await feed.next()).value.data.feed)
await new Promise((later) => setTimeout(later, 200)) // several pings of the client's
closes.length = 0
console.log('ready')
assert.ok((await feed.next()).value.data.feed)
assert.equal(closes[0], 1012)
await feed.return()
await client.dispose()
