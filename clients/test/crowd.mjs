// node test/crowd.mjs <url of /graphql>
// Many subscribers, each with a socket of its own, that resume by the shipped helper. Reads one command a line, as
// JSON, and answers each with one line:
//   {"follow": [{"actor", "variables"}]}  starts them
//   {"reach": [n, …]}                     waits until each has got so many events in all
//   {"settle": true}                      asks something over every socket: what was sent before it has come then
//   {"report": true}                      what each has got since the last report, and how connections ended
import { createInterface } from 'node:readline'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { backoff, resuming } from '../resume.mjs'

const url = process.argv[2].replace(/^http/, 'ws')
const query = `subscription ($c: ID!, $f: OrderEventFilter, $after: String!) {
  orderEvents(communityId: $c, filter: $f, after: $after) { cursor order { number version } } }`

const crowd = []
let ends = {} // how many connections ended with each code
let faults = []
let wake = () => {} // resolves the wait for events

function follow({ actor, variables }) {
  const member = { events: [], seen: 0 }
  const socket = createClient({
    url,
    webSocketImpl: WebSocket,
    lazy: false,
    onNonLazyError: (error) => faults.push(`${actor}: ${error}`),
    connectionParams: { Authorization: `Bearer dev:${actor}` },
    shouldRetry: () => true,
    retryAttempts: Infinity,
    retryWait: backoff,
    on: { closed: ({ code }) => (ends[code] = (ends[code] ?? 0) + 1) },
  })
  const fault = (what) => faults.push(`${actor} ${JSON.stringify(variables.f)}: ${JSON.stringify(what)}`)
  member.client = resuming(socket)
  member.client.subscribe({ query, variables }, {
    next({ data, errors }) {
      if (errors) return fault(errors)
      const { number, version } = data.orderEvents.order
      member.events.push(`${number}.${version}`)
      member.seen++
      wake()
    },
    error: fault,
    complete: () => fault('complete'),
  })
  return member
}

const commands = {
  follow(members) {
    crowd.push(...members.map(follow))
  },
  async reach(counts) {
    while (crowd.some(({ seen }, i) => seen < counts[i]) && faults.length === 0) await new Promise((resolve) => (wake = resolve))
  },
  async settle() {
    for (const answer of await Promise.all(crowd.map(({ client }) => client.iterate({ query: '{ me { role } }' }).next()))) {
      if (!answer.value?.data) faults.push(`settle: ${JSON.stringify(answer)}`)
    }
  },
  report() {
    const told = { events: crowd.map(({ events }) => events.splice(0)), ends, faults }
    ends = {}
    faults = []
    return told
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const [[name, argument]] = Object.entries(JSON.parse(line))
  console.log(JSON.stringify((await commands[name](argument)) ?? name))
}
process.exit()
