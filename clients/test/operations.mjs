// node test/operations.mjs <url of /graphql> <id of an order that stands at PLACED>
// Queries, mutates and subscribes as the commander with the graphql-ws and graphql-sse clients.
import assert from 'node:assert/strict'
import { createClient as createStream } from 'graphql-sse'
import { createClient as createSocket } from 'graphql-ws'
import WebSocket from 'ws'

const [url, id] = process.argv.slice(2)
const token = { Authorization: 'Bearer dev:C01' }
const socket = createSocket({ url: url.replace(/^http/, 'ws'), webSocketImpl: WebSocket, connectionParams: { ...token, locale: 'zh-CN' }, retryAttempts: 0 })
const stream = createStream({ url, headers: { ...token, 'Accept-Language': 'zh-CN' }, retryAttempts: 0 })

const ask = async (client, query, variables) => {
  const results = []
  for await (const result of client.iterate({ query, variables })) results.push(result)
  assert.equal(results.length, 1)
  return results[0]
}
const advance = `mutation ($id: ID!, $to: Stage!) {
  advanceOrders(input: { orders: [{ orderId: $id }], to: $to }) { moved results { userErrors { code message details { stage } } } } }`

for (const [client, to, after] of [[socket, 'DISPATCHED', 2], [stream, 'AT_GATE', 3]]) {
  assert.deepEqual((await ask(client, '{ me { name role } }')).data, { me: { name: 'C01', role: 'COMMANDER' } })

  const order = client.iterate({ query: 'subscription ($id: ID!) { order(id: $id) { stage version } }', variables: { id } })
  const c = (await ask(client, '{ me { community { id } } }')).data.me.community.id
  const a = (await ask(client, 'query ($c: ID!) { board(communityId: $c) { feedCursor } }', { c })).data.board.feedCursor
  const events = client.iterate({ query: 'subscription ($c: ID!, $a: String!) { orderEvents(communityId: $c, after: $a) { order { orderId stage version } } }',
    variables: { c, a } })
  const firstEvent = events.next()
  assert.equal((await order.next()).value.data.order.version, after - 1)

  const moved = (await ask(client, advance, { id, to })).data.advanceOrders
  assert.deepEqual(moved, { moved: 1, results: [{ userErrors: [] }] })
  assert.deepEqual((await firstEvent).value.data.orderEvents.order, { orderId: id, stage: to, version: after })
  assert.deepEqual((await order.next()).value.data.order, { stage: to, version: after })
  await order.return()
  await events.return()

  const refused = (await ask(client, advance, { id, to: 'PLACED' })).data.advanceOrders.results[0].userErrors[0]
  assert.equal(refused.code, 'CONFLICT')
  assert.equal(refused.details.stage, to)
  assert.match(refused.message, /\p{Script=Han}/u)
}

// What the server refuses comes as the protocol's own error: graphql-ws throws it, graphql-sse gives a last result.
const missing = { query: 'subscription ($id: ID!) { board(communityId: $id) { open } }', variables: { id } }
const refusals = [
  await socket.iterate(missing).next().then(() => assert.fail('no error'), (errors) => errors),
  (await stream.iterate(missing).next()).value.errors,
]
for (const [{ extensions, message }] of refusals) {
  assert.equal(extensions.code, 'BAD_USER_INPUT')
  assert.match(message, /\p{Script=Han}/u)
}
await assert.rejects(async () => { for await (const _ of socket.iterate({ query: '{ nope }' })); })
await socket.dispose()
stream.dispose()
