import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff, resuming } from '../resume.mjs'

// wire is a client whose connections the test plays: what was sent, and where answers go.
function wire() {
  const sent = []
  const client = {
    subscribe(payload, sink) {
      const stream = { payload, sink, stopped: false, wouldSend: () => JSON.parse(JSON.stringify(payload)).variables }
      sent.push(stream)
      return () => (stream.stopped = true)
    },
    dispose: () => 'disposed',
  }
  return { client, sent }
}

function sink() {
  const got = { results: [], errors: [], completes: 0 }
  return { got, next: (r) => got.results.push(r), error: (e) => got.errors.push(e), complete: () => got.completes++ }
}

const event = (cursor) => ({ data: { orderEvents: { cursor } } })
const resync = { message: 'Read the list again.', extensions: { code: 'RESYNC_REQUIRED' } }
const turn = () => new Promise(setImmediate)

test('what is sent again carries the last cursor', () => {
  const { client, sent } = wire()
  const mine = { query: 'q', variables: Object.freeze({ communityId: 'c', after: 'list' }) }
  const s = sink()
  resuming(client).subscribe(mine, s)
  assert.deepEqual(sent[0].wouldSend(), { communityId: 'c', after: 'list' })
  sent[0].sink.next(event('1'))
  sent[0].sink.next(event('2'))
  sent[0].sink.next({ data: null, errors: [{ message: 'a fault' }] })
  assert.deepEqual(sent[0].wouldSend(), { communityId: 'c', after: '2' })
  assert.deepEqual(mine.variables, { communityId: 'c', after: 'list' })
  assert.equal(s.got.results.length, 3)
})

test('an event whose handler throws counts as not seen', () => {
  const { client, sent } = wire()
  resuming(client).subscribe({ query: 'q' }, { ...sink(), next: () => assert.fail('handler') })
  assert.throws(() => sent[0].sink.next(event('1')), /handler/)
  assert.deepEqual(sent[0].wouldSend(), {})
})

test('operations without cursors pass through', () => {
  const { client, sent } = wire()
  const s = sink()
  const wrapped = resuming(client, { onResync: assert.fail })
  const stop = wrapped.subscribe({ query: 'q', variables: { a: 1 } }, s)
  sent[0].sink.next({ data: { me: { name: 'C01' }, list: [{ cursor: 'x' }], nothing: null, number: 1 } })
  sent[0].sink.complete()
  assert.deepEqual(sent[0].wouldSend(), { a: 1 })
  assert.equal(s.got.completes, 1)
  stop()
  assert.ok(sent[0].stopped)
  assert.equal(wrapped.dispose(), 'disposed')
})

for (const [how, lose] of [
  ['as the end of a graphql-ws stream', (stream) => stream.sink.error([resync])],
  ['as the last result of a graphql-sse stream', (stream) => {
    stream.sink.next({ errors: [resync] })
    stream.sink.complete()
  }],
]) {
  test(`RESYNC_REQUIRED ${how} reads the list again and goes on`, async () => {
    const { client, sent } = wire()
    const s = sink()
    const asked = []
    const stop = resuming(client, { onResync: async (variables) => asked.push(variables) && 'fresh' }).subscribe(
      { query: 'q', variables: { communityId: 'c', after: 'old' } }, s)
    lose(sent[0])
    await turn()
    assert.deepEqual(asked, [{ communityId: 'c', after: 'old' }])
    assert.deepEqual(sent[1].wouldSend(), { communityId: 'c', after: 'fresh' })
    sent[1].sink.next(event('1'))
    assert.deepEqual(s.got, { results: [event('1')], errors: [], completes: 0 })
    stop()
    assert.ok(sent[1].stopped)
  })
}

const unavailable = { message: 'The database is away.', extensions: { code: 'UNAVAILABLE' } }

for (const [how, fail] of [
  ['as the end of a graphql-ws stream', (stream) => stream.sink.error([unavailable])],
  ['as the last result of a graphql-sse stream', (stream) => {
    stream.sink.next({ errors: [unavailable] })
    stream.sink.complete()
  }],
]) {
  test(`UNAVAILABLE ${how} begins again after the same cursor, later each time`, async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { client, sent } = wire()
    const s = sink()
    const stop = resuming(client).subscribe({ query: 'subscription S { orderEvents { cursor } }', variables: { after: 'list' } }, s)
    for (const begun of [1, 2]) {
      fail(sent[begun - 1])
      assert.equal(sent.length, begun)
      t.mock.timers.tick(500 * 2 ** (begun - 1))
      await turn()
      assert.deepEqual(sent[begun].wouldSend(), { after: 'list' })
    }
    sent[2].sink.next(event('1'))
    assert.deepEqual(s.got, { results: [event('1')], errors: [], completes: 0 })
    fail(sent[2])
    stop()
    t.mock.timers.tick(60_000)
    await turn()
    assert.equal(sent.length, 3)
  })
}

test('UNAVAILABLE is told about an operation that may not be sent twice', () => {
  const { client, sent } = wire()
  const s = sink()
  resuming(client).subscribe({ query: 'mutation M { a }\nsubscription S { b }', operationName: 'M', variables: { id: 'x' } }, s)
  sent[0].sink.next({ data: null, errors: [unavailable] })
  sent[0].sink.complete()
  assert.equal(s.got.results.length, 1)
  assert.equal(s.got.completes, 1)
  assert.equal(sent.length, 1)
})

test('RESYNC_REQUIRED without onResync, and any other error, ends the subscription', () => {
  for (const [options, error] of [[{}, [resync]], [{ onResync: assert.fail }, [{ extensions: { code: 'NOT_FOUND' } }]], [{ onResync: assert.fail }, new Error('closed')]]) {
    const { client, sent } = wire()
    const s = sink()
    resuming(client, options).subscribe({ query: 'q' }, s)
    sent[0].sink.error(error)
    assert.deepEqual(s.got.errors, [error])
  }
})

test('a list that cannot be read again ends the subscription', async () => {
  const { client, sent } = wire()
  const s = sink()
  resuming(client, { onResync: async () => Promise.reject(new Error('offline')) }).subscribe({ query: 'q' }, s)
  sent[0].sink.error([resync])
  await turn()
  assert.equal(s.got.errors[0].message, 'offline')
})

test('a client that stops while the list is read gets no more events', async () => {
  const { client, sent } = wire()
  const s = sink()
  const stop = resuming(client, { onResync: async () => 'fresh' }).subscribe({ query: 'q' }, s)
  sent[0].sink.error([resync])
  stop()
  await turn()
  assert.equal(sent.length, 1)
  assert.deepEqual(s.got, { results: [], errors: [], completes: 0 })
})

test('iterate gives every result, then the end', async () => {
  const { client, sent } = wire()
  const all = resuming(client).iterate({ query: 'q' })
  const first = all.next()
  sent[0].sink.next(event('1'))
  sent[0].sink.next(event('2'))
  sent[0].sink.error(new Error('closed'))
  assert.deepEqual((await first).value, event('1'))
  assert.deepEqual((await all.next()).value, event('2'))
  await assert.rejects(all.next(), /closed/)
  assert.deepEqual(await all.next(), { done: true, value: undefined })
})

test('iterate stops its subscription when it is left, even while it waits', async () => {
  const { client, sent } = wire()
  const all = resuming(client).iterate({ query: 'q' })
  const waiting = all.next()
  await all.return()
  assert.ok(sent[0].stopped)
  assert.deepEqual(await waiting, { done: true, value: undefined })
})

test('backoff never waits long at first', async () => {
  const began = Date.now()
  await backoff(0)
  assert.ok(Date.now() - began < 1000)
})
