import { address } from './address';
import { locale } from './language';

type Fault = { message: string; code?: string; reason?: string; extensions?: { code?: string; reason?: string } };

/** A refusal by the server. Its message is a sentence in the language of the page. */
export class Refused extends Error {
  readonly code: string;
  readonly reason: string;
  /** Whether a later try may succeed. */
  readonly passing: boolean;
  constructor(fault: Fault) {
    super(fault.message);
    this.code = fault.extensions?.code ?? fault.code ?? '';
    this.reason = fault.extensions?.reason ?? fault.reason ?? '';
    this.passing = this.code === 'UNAVAILABLE' || this.code === 'RATE_LIMITED';
  }
}

/**
 * Sends one operation and returns its data. It fails with Refused if the server refused it, and with another error if there is no answer. Pages
 * use the client of api.ts; this is for what must not depend on a sign-in, such as signing in.
 */
export async function post<T = unknown>(query: string, variables: Record<string, unknown>, token: string | null): Promise<T> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json', Accept: 'application/json', 'Accept-Language': locale() };
  if (token) headers['Authorization'] = `Bearer ${token}`;
  // keepalive: an operation that was sent, such as signing out, reaches the server although the page is closed at once.
  const answer = await fetch(address('graphql'), { method: 'POST', headers, body: JSON.stringify({ query, variables }), cache: 'no-store', keepalive: true });
  const { data, errors } = (await answer.json()) as { data?: T; errors?: Fault[] };
  if (errors?.[0]) throw new Refused(errors[0]);
  return data!;
}
