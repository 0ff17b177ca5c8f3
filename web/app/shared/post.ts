import { address } from './address';
import { answered, unanswered } from './answers';
import { locale, words } from './language';

const w = words({ unreachable: ['没有网络或连不上服务器，请稍后再试。', 'The server cannot be reached. Check the connection and try again.'] });

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

/** Whether a stream that ended with this code may begin again: it is not the person or the question that the server refuses. Without a code there was no answer. */
export const mayBeginAgain = (code: string | undefined) => code === undefined || ['UNAVAILABLE', 'RATE_LIMITED', 'RESYNC_REQUIRED', 'INTERNAL'].includes(code);

/** That there is no answer, such as without a network, as a sentence in the language of the page. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super(w.unreachable, { cause });
  }
}

/** Sends a request. It fails with Unreachable if there is no answer. */
export const reach = (to: string, init: RequestInit): Promise<Response> => fetch(to, init).then((answer) => {
  answered(answer);
  return answer;
}, (e: unknown) => {
  unanswered();
  throw new Unreachable(e);
});

/** Reads an answer. It fails with Unreachable if something else than the server answered, such as a gateway. */
export const body = <T>(answer: Response): Promise<T> => answer.json().catch((e: unknown) => Promise.reject(new Unreachable(e))) as Promise<T>;

/**
 * Sends one operation and returns its data. It fails with Refused if the server refused it, and with another error if there is no answer. Pages
 * use the client of api.ts; this is for what must not depend on a sign-in, such as signing in.
 */
export async function post<T = unknown>(query: string, variables: Record<string, unknown>, token: string | null): Promise<T> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json', Accept: 'application/json', 'Accept-Language': locale() };
  if (token) headers['Authorization'] = `Bearer ${token}`;
  // keepalive: an operation that was sent, such as signing out, reaches the server although the page is closed at once.
  const answer = await reach(address('graphql'), { method: 'POST', headers, body: JSON.stringify({ query, variables }), cache: 'no-store', keepalive: true });
  const { data, errors } = await body<{ data?: T; errors?: Fault[] }>(answer);
  if (errors?.[0]) throw new Refused(errors[0]);
  return data!;
}
