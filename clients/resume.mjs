/**
 * Wraps a graphql-ws or graphql-sse client so that subscriptions to events miss nothing when they reconnect: those
 * clients send the first variables again, this one the cursor of the last event as `after`. The subscription must
 * declare $after and select `cursor` on its events; start it after a list's feedCursor, so that there is no hole
 * before the first event either. Other operations pass through unchanged.
 *
 * When the server no longer knows the cursor (RESYNC_REQUIRED), onResync reads the list again and gives its
 * feedCursor, after which the subscription goes on. Without onResync the error ends the subscription. A subscription with
 * the variable `after` that cannot begin because the server cannot reach its database (UNAVAILABLE) begins again after a while. Nothing else is sent twice.
 */
export function resuming(client, { onResync } = {}) {
  const lost = (errors) => onResync && Array.isArray(errors) && errors.some((e) => e.extensions?.code === 'RESYNC_REQUIRED')

  function subscribe(payload, sink, ...rest) {
    const request = { ...payload, variables: { ...payload.variables } } // the client reads it again at each connect
    let over = false
    let stop
    let attempts = 0
    const passing = (errors) => 'after' in request.variables && Array.isArray(errors) && errors.some((e) => e.extensions?.code === 'UNAVAILABLE')
    const begin = () => {
      let resyncing = false
      const again = async () => {
        resyncing = true
        await backoff(attempts++)
        if (!over) begin()
      }
      const resync = async () => {
        resyncing = true
        try {
          const after = await onResync({ ...request.variables })
          if (over) return
          request.variables.after = after
          begin()
        } catch (error) {
          if (!over) sink.error(error)
        }
      }
      stop = client.subscribe(request, {
        next(result) {
          if (lost(result.errors)) return void resync() // graphql-sse: the errors are a last result
          if (!result.data && passing(result.errors)) return void again()
          attempts = 0
          sink.next(result)
          for (const event of Object.values(result.data ?? {})) if (event?.cursor) request.variables.after = event.cursor
        },
        error: (error) => (lost(error) ? void resync() : passing(error) ? void again() : sink.error(error)),
        complete: () => resyncing || sink.complete(),
      }, ...rest)
    }
    begin()
    return () => {
      over = true
      stop()
    }
  }

  function iterate(payload, ...rest) {
    const results = []
    let end
    let wake = () => {}
    const finish = (error) => {
      end ??= { error }
      wake()
    }
    const stop = subscribe(payload, {
      next: (result) => {
        results.push(result)
        wake()
      },
      error: finish,
      complete: () => finish(),
    }, ...rest)
    const all = (async function* () {
      for (;;) {
        while (results.length) yield results.shift()
        if (end?.error) throw end.error
        if (end) return
        await new Promise((resolve) => (wake = resolve))
      }
    })()
    all.return = async (value) => { // a generator that waits would only return after the next result
      results.length = 0
      stop()
      finish()
      return { done: true, value }
    }
    return all
  }

  return { ...client, subscribe, iterate }
}

/** Waits before another attempt to connect: a random while, on average twice as long each time, at most 10 s. */
export function backoff(attempts) {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(10_000, 500 * 2 ** attempts)))
}
