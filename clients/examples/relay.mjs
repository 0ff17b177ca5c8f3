// node examples/relay.mjs http://localhost:8080/graphql dev:C01
// Lists the open orders over HTTP and then prints every event, also when the connection is lost. The imports from
// __generated__ are the output of relay-compiler 21.0.1 for the operations in operations.mjs, under its own names; an
// app writes graphql`…` in their place.
import { createClient } from 'graphql-ws'
import relay from 'relay-runtime'
import WebSocket from 'ws'
import { resuming } from '../resume.mjs'
import me from './__generated__/relayMeQuery.graphql.js'
import openOrders from './__generated__/relayOpenOrdersQuery.graphql.js'
import orderEvents from './__generated__/relayOrderEventsSubscription.graphql.js'
import { showEvent, showList } from './operations.mjs'
import { fail, patiently, refused, token, url } from './terminal.mjs'
const { Environment, Network, Observable, RecordSource, Store, fetchQuery, requestSubscription } = relay // it is CommonJS

const socket = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket, // browsers, and Node from 22 on, have their own
  connectionParams: { Authorization: `Bearer ${token}`, locale: 'zh-CN' },
  shouldRetry: (closed) => !refused(closed), // servers that are not there yet, too
  retryAttempts: Infinity,
  retryWait: patiently,
})
const events = resuming(socket, { onResync: list })

const environment = new Environment({
  store: new Store(new RecordSource()),
  network: Network.create(
    async ({ text: query }, variables) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}`, 'Accept-Language': 'zh-CN' },
        body: JSON.stringify({ query, variables }),
      })
      const answer = await response.json()
      if (answer.errors) throw answer.errors // Relay would put a sentence of its own around them
      return answer
    },
    ({ text: query }, variables) => Observable.create((sink) => events.subscribe({ query, variables }, sink)),
  ),
})

const ask = (query, variables) => fetchQuery(environment, query, variables).toPromise()

async function list() {
  const { orders } = await ask(openOrders, { communityId })
  showList(orders)
  return orders.feedCursor
}

const communityId = (await ask(me, {})).me.community.id
requestSubscription(environment, {
  subscription: orderEvents,
  variables: { communityId, after: await list() },
  onNext: ({ orderEvents }) => showEvent(orderEvents),
  onError: fail,
  onCompleted: () => console.error('complete'),
})
