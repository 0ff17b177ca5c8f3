// node audit.mjs <url of /graphql> [Authorization]
// Runs the GraphQL-over-HTTP audits. Fails on any error or warning; notices (MAY) are printed.
import { serverAudits } from 'graphql-http'

const [url, authorization] = process.argv.slice(2)
const fetchFn = (at, init = {}) =>
  fetch(at, { ...init, headers: { ...init.headers, ...(authorization && { authorization }) } })

const counts = {}
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn()
  counts[result.status] = (counts[result.status] ?? 0) + 1
  if (result.status !== 'ok') console.log(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`)
}
console.log(JSON.stringify(counts))
process.exit(counts.error || counts.warn ? 1 : 0)
