// node examples/sse.mjs http://localhost:8080/graphql dev:C01
// Lists the open orders and then prints every event over plain HTTP (event streams), for networks that let no
// WebSocket through.
import { createClient } from 'graphql-sse'
import { resuming } from '../resume.mjs'
import { me, openOrders, orderEvents, showEvent, showList } from './operations.mjs'
import { fail, patiently, strictFetch, token, url } from './terminal.mjs'

const stream = createClient({
  url,
  headers: { Authorization: `Bearer ${token}`, 'Accept-Language': 'zh-CN' },
  retryAttempts: Infinity,
  retry: patiently,
  fetchFn: strictFetch,
})
const client = resuming(stream, { onResync: list })

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
