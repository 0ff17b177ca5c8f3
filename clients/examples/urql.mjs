// node examples/urql.mjs http://localhost:8080/graphql dev:C01
// Lists the open orders over HTTP and then prints every event, also when the connection is lost.
import { createClient, fetchExchange, subscriptionExchange } from '@urql/core'
import { createClient as createSocket } from 'graphql-ws'
import WebSocket from 'ws'
import { resuming } from '../resume.mjs'
import { me, openOrders, orderEvents, showEvent, showList } from './operations.mjs'
import { fail, patiently, refused, token, url } from './terminal.mjs'

const socket = createSocket({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket, // browsers, and Node from 22 on, have their own
  connectionParams: { Authorization: `Bearer ${token}`, locale: 'zh-CN' },
  shouldRetry: (closed) => !refused(closed), // servers that are not there yet, too
  retryAttempts: Infinity,
  retryWait: patiently,
})
const events = resuming(socket, { onResync: list })

const client = createClient({
  url,
  fetchOptions: { headers: { Authorization: `Bearer ${token}`, 'Accept-Language': 'zh-CN' } },
  exchanges: [
    subscriptionExchange({
      forwardSubscription: ({ query, variables, operationName }) => ({
        subscribe: (sink) => ({ unsubscribe: events.subscribe({ query, variables, operationName }, sink) }),
      }),
    }),
    fetchExchange, // after the subscriptionExchange, or it takes subscriptions too
  ],
})

async function ask(query, variables) {
  const { data, error } = await client.query(query, variables, { requestPolicy: 'network-only' })
  if (error) throw error
  return data
}

async function list() {
  const { orders } = await ask(openOrders, { communityId })
  showList(orders)
  return orders.feedCursor
}

const communityId = (await ask(me, {})).me.community.id
client
  .subscription(orderEvents, { communityId, after: await list() })
  .subscribe(({ data, error }) => (error ? fail(error) : showEvent(data.orderEvents)))
