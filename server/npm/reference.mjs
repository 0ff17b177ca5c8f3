// node reference.mjs
// Serves the part of the schema of server's tests that its matrix asks for, with the graphql-ws server over ws. Prints
// the port it listens at, and that of one with little patience for a greeting. Ends when its standard input does.
import { buildSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'

const schema = buildSchema(`
  type Query { hello: String }
  type Mutation { bump: Int! }
  type Subscription { count(to: Int!): String!, feed: String!, denied: String! }
`)
let bumps = 0
const roots = {
  query: { hello: null },
  mutation: { bump: () => ++bumps },
  subscription: {
    async *count({ to }) {
      for (let i = 0; i < to; i++) yield { count: String(i) }
    },
    feed() {
      let end
      const feed = (async function* () {
        yield { feed: 'after ' }
        await new Promise((resolve) => (end = resolve))
      })()
      const stop = feed.return.bind(feed)
      feed.return = (value) => (end?.(), stop(value)) // one that waits would not end
      return feed
    },
    denied() {
      throw new Error('There is no such order.')
    },
  },
}

console.error = () => {} // what it makes of broken messages is told by close codes
const ports = []
for (const connectionInitWaitTimeout of [10_000, 100]) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/graphql', maxPayload: 256 << 10 })
  useServer({ schema, roots, connectionInitWaitTimeout }, server)
  await new Promise((listening) => server.once('listening', listening))
  ports.push(server.address().port)
}
console.log(ports.join(' '))
process.stdin.resume().on('end', () => process.exit())
