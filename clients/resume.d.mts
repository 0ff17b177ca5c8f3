/** What graphql-ws and graphql-sse clients have in common. */
export interface SubscribingClient {
  // Both clients are generic here, each in its own way.
  subscribe(payload: any, sink: any, ...rest: any[]): () => void
}

export interface ResumeOptions {
  /** Reads the list again and gives its feedCursor; is told the variables of the subscription that lost its place. */
  onResync?(variables: Record<string, unknown>): string | Promise<string>
}

/**
 * The same client, whose subscriptions to events go on after the last event's cursor when they reconnect. The
 * subscription must declare $after and select `cursor` on its events.
 */
export function resuming<C extends SubscribingClient>(client: C, options?: ResumeOptions): C

/** Waits before another attempt to connect: for graphql-ws's `retryWait` and graphql-sse's `retry`. */
export function backoff(attempts: number): Promise<void>
