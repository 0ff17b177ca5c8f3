// node examples/sse.mjs http://localhost:8080/graphql dev:C01
// Lists the open orders and then prints every event over plain HTTP (event streams), for networks that let no
// WebSocket through.
import { createClient } from 'graphql-sse'
import { backoff, resuming } from '../resume.mjs'
import { me, openOrders, orderEvents, showEvent, showList } from './operations.mjs'

const [url, token] = process.argv.slice(2)

const stream = createClient({
  url,
  headers: { Authorization: `Bearer ${token}`, 'Accept-Language': 'zh-CN' },
  retryAttempts: Infinity,
  retry: backoff,
})
const client = resuming(stream, { onResync: list })

async function ask(query, variables) {
  for await (const { data, errors } of client.iterate({ query, variables })) {
    if (errors) throw new Error(errors[0].message)
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
    next: ({ data, errors }) => (errors ? console.error(errors) : showEvent(data.orderEvents)),
    error: (error) => console.error('ended', error),
    complete: () => console.error('complete'),
  },
)
