import { GraphiQL } from 'graphiql';
import { setNonce } from 'get-nonce';
import { useEffect, useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';

import { makeFetcher } from './fetcher.js';
import { Identity } from './identity.jsx';

import 'graphiql/graphiql.css';
import './app.css';

const endpoint = '/graphql';

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
  const [who, setWho] = useState(demo ? (asker(opened.tab?.query) ?? actors[0].name) : '');
  const authorization = credentialOf(who, demo);

  const fetcher = useMemo(() => {
    const send = makeFetcher(endpoint, authorization);
    return Object.assign((params, options) => (showAnswer(params), send(params, options)), { dispose: send.dispose });
  }, [authorization]);
  useEffect(() => () => fetcher.dispose(), [fetcher]);

  // A tab that names its asker changes who asks when it is opened, not while it is edited.
  const shown = useRef(opened.tab?.id);
  function onTabChange({ tabs, activeTabIndex }) {
    const tab = tabs[activeTabIndex];
    if (!tab || tab.id === shown.current) return;
    const first = shown.current === undefined && activeTabIndex === 0; // GraphiQL keeps the first ids to itself
    shown.current = tab.id;
    const name = asker(tab.query);
    if (demo && name && !first) queueMicrotask(() => setWho(name));
  }

  // GraphiQL fills the variables of the first tab only when they are also given by themselves.
  const start = opened.kept || !opened.tab ? {} : { query: opened.tab.query, variables: opened.tab.variables };
  return (
    <>
      <Identity actors={actors} hint={hint} note={note} value={who} onChange={setWho} />
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
