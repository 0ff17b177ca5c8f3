// How the examples take their arguments and tell people what happens.
import { basename } from 'node:path'
import { backoff } from '../resume.mjs'

const example = basename(process.argv[1])
export const [url, token] = process.argv.slice(2)
if (!url || !token) {
  console.error(`usage: node examples/${example} <url> <token>, such as: node examples/${example} http://localhost:8080/graphql dev:C01`)
  process.exit(2)
}

/** Whether the server closed a socket because of who asks. Trying again would not help. */
export const refused = (closed) => closed?.code === 4401 || closed?.code === 4403

/** A fetch whose refused sign-in is final; graphql-sse would try again. */
export async function strictFetch(...request) {
  const response = await fetch(...request)
  if (response.status === 401) fail(JSON.parse(await response.text()).errors)
  return response
}

/** Waits before another attempt to connect, and says so. */
export function patiently(attempts) {
  console.error(`connection lost, connecting again (attempt ${attempts + 1})`)
  return backoff(attempts)
}

/** Ends the program with what the server or the client says is wrong. */
export function fail(error) {
  console.error(sentence(error))
  process.exit(1)
}

// What is wrong, as each client puts it: GraphQL errors, a closed socket, an answer that is no GraphQL, an Error.
function sentence(error) {
  const [first] = Array.isArray(error) ? error : (error?.graphQLErrors ?? error?.errors ?? [])
  if (first?.message) return first.message
  if (error?.bodyText) {
    try {
      return sentence(JSON.parse(error.bodyText))
    } catch {
      return error.bodyText
    }
  }
  if (error?.code && error?.reason) return `${error.reason} (closed with ${error.code})`
  return error?.message || String(error)
}

process.on('uncaughtException', fail) // a query before the subscription
