// node examples/apollo.mjs http://localhost:8080/graphql dev:C01
// Lists the open orders over HTTP and then prints every event, also when the connection is lost.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { OperationTypeNode } from 'graphql'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { resuming } from '../resume.mjs'
import { me, openOrders, orderEvents, showEvent, showList } from './operations.mjs'
import { fail, patiently, refused, token, url } from './terminal.mjs'
globalThis.WebSocket ??= WebSocket // browsers, and Node from 22 on, have their own

const socket = createClient({
  url: url.replace(/^http/, 'ws'),
  connectionParams: { Authorization: `Bearer ${token}`, locale: 'zh-CN' },
  shouldRetry: (closed) => !refused(closed), // servers that are not there yet, too
  retryAttempts: Infinity,
  retryWait: patiently,
})

const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(resuming(socket, { onResync: list })),
    new HttpLink({ uri: url, headers: { Authorization: `Bearer ${token}`, 'Accept-Language': 'zh-CN' } }),
  ),
})

async function list() {
  const { data } = await client.query({ query: gql(openOrders), variables: { communityId }, fetchPolicy: 'network-only' })
  showList(data.orders)
  return data.orders.feedCursor
}

const communityId = (await client.query({ query: gql(me) })).data.me.community.id
client
  .subscribe({ query: gql(orderEvents), variables: { communityId, after: await list() }, fetchPolicy: 'no-cache' })
  .subscribe({
    next: ({ data, error }) => (error ? fail(error) : showEvent(data.orderEvents)),
    error: fail,
    complete: () => console.error('complete'),
  })
