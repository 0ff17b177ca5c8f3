// Verifies deliveries with the reference package of Standard Webhooks. Reads a line of JSON for each, {secret, headers, body}, and writes what it says: ok, or why not.
import { createInterface } from 'node:readline'
import { Webhook } from 'standardwebhooks'

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line)
  try {
    new Webhook(secret).verify(body, headers)
    console.log('ok')
  } catch (err) {
    console.log(err.message)
  }
}
