import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';

// Close codes after which the client reconnects; the others are shown at once.
const comeBack = [1001, 1006, 1012, 1013];

// makeFetcher sends queries and mutations by POST and subscriptions over graphql-transport-ws, all with the same
// Authorization. dispose() ends every subscription.
export function makeFetcher(endpoint, authorization) {
  const url = new URL(endpoint, location.href);
  let connected = false;
  const client = createClient({
    url: url.href.replace(/^http/, 'ws'),
    connectionParams: () => ({
      ...(authorization && { Authorization: authorization }),
      locale: navigator.language,
    }),
    on: { connected: () => (connected = true) },
    shouldRetry: (e) => connected && comeBack.includes(e?.code),
  });

  const fetcher = (params) => {
    const operation = operationOf(params);
    return operation?.operation === 'subscription' ? stream(client, params, operation) : post(url, params, authorization);
  };
  fetcher.dispose = () => client.dispose();
  return fetcher;
}

// operationOf returns the operation to run, or null if the document does not parse: the server reports the error.
function operationOf({ query, operationName }) {
  try {
    return getOperationAST(parse(query), operationName);
  } catch {
    return null;
  }
}

async function post(url, params, authorization) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      Accept: 'application/graphql-response+json, application/json',
      'Content-Type': 'application/json',
      ...(authorization && { Authorization: authorization }),
    },
    body: JSON.stringify(params),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return failure(`${response.status} ${response.statusText}: ${text.slice(0, 500)}`);
  }
}

// stream runs a subscription. The client sends the same variables again when it reconnects, so each cursor is written
// into them: an operation that takes $after continues behind the last event it saw.
function stream(client, params, operation) {
  const payload = { ...params, variables: { ...params.variables } };
  const resumes = operation.variableDefinitions?.some((v) => v.variable.name.value === 'after');
  return {
    subscribe(sink) {
      const unsubscribe = client.subscribe(payload, {
        next(result) {
          const [event] = Object.values(result.data ?? {});
          if (resumes && event?.cursor) payload.variables.after = event.cursor;
          sink.next(result);
        },
        error(reason) {
          sink.next(Array.isArray(reason) ? { errors: reason } : failure(sentence(reason)));
          sink.complete();
        },
        complete: () => sink.complete(),
      });
      return { unsubscribe };
    },
  };
}

// sentence describes why a connection ended: a CloseEvent has no message of its own.
function sentence(reason) {
  if (reason instanceof CloseEvent) {
    return `连接已断开 · The connection was closed: ${reason.code} ${reason.reason || 'without a reason'}`;
  }
  return reason?.message || '无法连接 · The connection failed';
}

const failure = (message) => ({ errors: [{ message }] });
