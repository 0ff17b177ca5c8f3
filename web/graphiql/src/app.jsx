import { GraphiQL } from 'graphiql';
import { setNonce } from 'get-nonce';
import { useEffect, useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';

import { makeFetcher } from './fetcher.js';
import { Identity } from './identity.jsx';
import { onSignIn, signedIn } from './session.js';

import 'graphiql/graphiql.css';
import './app.css';

const endpoint = '../graphql'; // the page is at graphiql/, behind any prefix

// asker reads the first line of a document, "# as: S01".
const asker = (query) => /^# as: (\S+)/.exec(query ?? '')?.[1];

// credentialOf is the Authorization of a name or a token. A token is sent as one, also where names are typed.
function credentialOf(who, demo) {
  const text = who.replace(/^Bearer\s+/i, '');
  if (!text) return '';
  return demo && !/^(bgt_|eyJ|dev:)/.test(text) ? `Bearer dev:${text}` : `Bearer ${text}`;
}

// showAnswer scrolls to the answer where it stands below the operation, on narrow screens.
function showAnswer({ operationName }) {
  if (operationName === 'IntrospectionQuery' || !matchMedia('(max-width: 46rem)').matches) return;
  document.querySelector('.graphiql-response')?.scrollIntoView({ block: 'start' });
}

// forget drops the tabs kept from another set of operations, identified by its key: the ids of a removed estate are of no
// use.
function forget(key) {
  const seen = 'baogong:operations';
  if (localStorage.getItem(seen) === key) return;
  for (const name of ['tabState', 'query', 'variables']) localStorage.removeItem('graphiql:' + name);
  localStorage.setItem(seen, key);
}

// openedWith is the document the page shows first: the kept tab's, else that of the first operation.
function openedWith(operations) {
  try {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState'));
    return { kept: true, tab: tabs[activeTabIndex] };
  } catch {
    return { kept: false, tab: operations[0] };
  }
}

function App({ operations, actors, hint, note }) {
  const demo = actors.length > 0;
  const [opened] = useState(() => openedWith(operations));
  const [who, setWho] = useState(demo ? (asker(opened.tab?.query) ?? actors[0].name) : signedIn());
  const [named, setNamed] = useState(asker(opened.tab?.query)); // by the open tab
  const [byHand, setByHand] = useState(false); // the caller was chosen in the open tab
  const authorization = credentialOf(who, demo);

  const fetcher = useMemo(() => {
    const send = makeFetcher(endpoint, authorization);
    return Object.assign((params, options) => (showAnswer(params), send(params, options)), { dispose: send.dispose });
  }, [authorization]);
  useEffect(() => () => fetcher.dispose(), [fetcher]);
  // A reader who acts by the sign-in of the other pages goes on with its next token.
  useEffect(() => onSignIn((old, next) => setWho((present) => (present === old ? next : present))), []);

  // Opening a tab that names its asker makes it the caller; editing the tab does not. A choice by hand wins in its tab, also when the
  // reader returns to it.
  const shown = useRef(opened.tab?.id);
  const chosen = useRef(new Map()); // by the ids of tabs
  function choose(name) {
    chosen.current.set(shown.current, name);
    setByHand(true);
    setWho(name);
  }
  function onTabChange({ tabs, activeTabIndex }) {
    const tab = tabs[activeTabIndex];
    if (!tab) return;
    const name = asker(tab.query);
    let first = false; // the tab is the first one, whose id GraphiQL has kept to itself until now
    if (shown.current === undefined) {
      const closed = tabs.length < operations.length && tabs[0].query !== opened.tab?.query;
      first = activeTabIndex === 0 && !closed;
      if (!closed && chosen.current.has(undefined)) chosen.current.set(tabs[0].id, chosen.current.get(undefined));
    }
    queueMicrotask(() => {
      setNamed(name);
      setByHand(chosen.current.has(tab.id));
    });
    if (tab.id === shown.current) return;
    shown.current = tab.id;
    const next = chosen.current.get(tab.id) ?? name;
    if (demo && next && !first) queueMicrotask(() => setWho(next));
  }

  // GraphiQL fills the variables of the first tab only when they are also given by themselves.
  const start = opened.kept || !opened.tab ? {} : { query: opened.tab.query, variables: opened.tab.variables };
  return (
    <>
      <Identity actors={actors} hint={hint} note={note} value={who} named={demo && named} byHand={byHand} onChange={choose} />
      <main>
        <GraphiQL
          fetcher={fetcher}
          defaultTabs={operations.length > 0 ? operations.map(({ query, variables }) => ({ query, variables })) : undefined}
          {...start}
          onTabChange={onTabChange}
          defaultQuery={'{\n  me {\n    name\n    role\n  }\n}\n'}
          defaultEditorToolsVisibility="variables"
          isHeadersEditorEnabled={false}
          inputValueDeprecation
          schemaDescription
        />
      </main>
    </>
  );
}

setNonce(document.querySelector('meta[name=style-nonce]').nonce);
const setup = JSON.parse(document.getElementById('setup').textContent);
forget(setup.key);
createRoot(document.getElementById('app')).render(<App {...setup} />);
