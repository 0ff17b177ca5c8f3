// node examples/graphql-ws.mjs http://localhost:8080/graphql dev:C01
// Lists the open orders and then prints every event, also when the connection is lost.
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { resuming } from '../resume.mjs'
import { me, openOrders, orderEvents, showEvent, showList } from './operations.mjs'
import { fail, patiently, refused, token, url } from './terminal.mjs'

const socket = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket, // browsers, and Node from 22 on, have their own
  connectionParams: { Authorization: `Bearer ${token}`, locale: 'zh-CN' },
  shouldRetry: (closed) => !refused(closed), // servers that are not there yet, too
  retryAttempts: Infinity,
  retryWait: patiently,
})
const client = resuming(socket, { onResync: list })

async function ask(query, variables) {
  for await (const { data, errors } of client.iterate({ query, variables })) {
    if (errors) fail(errors)
    return data
  }
}

async function list() {
  const { orders } = await ask(openOrders, { communityId })
  showList(orders)
  return orders.feedCursor
}

const communityId = (await ask(me)).me.community.id
client.subscribe(
  { query: orderEvents, variables: { communityId, after: await list() } },
  {
    next: ({ data, errors }) => (errors ? fail(errors) : showEvent(data.orderEvents)),
    error: fail,
    complete: () => console.error('complete'),
  },
)
