// Turns a code into a sign-in, keeps it, and shows what the sign-in can do. The token stays in this browser.
import { ask, at, insist, kept, newKey, pause, Refused, request, say, signedIn, tell, wait } from './ask.js';

function keep({ token, expiresAt }) {
  kept.set('sign-in', { token, expiresAt, since: new Date().toISOString() });
}

// redeem redeems a code and returns its sign-in, which is not stored yet. The idempotency key is stored until forget, so that a retry
// after a lost answer or a reload is no second use. linked is true for a code from a link, which the person must confirm.
async function redeem(code, linked) {
  let attempt = kept.get('attempt');
  if (attempt?.code !== code) attempt = { code, key: newKey(), linked };
  kept.set('attempt', attempt);
  try {
    const { redeemCode: got } = await insist('mutation ($i: RedeemCodeInput!) { redeemCode(input: $i) { token expiresAt userErrors { message code reason } } }',
      { i: { code, clientMutationId: attempt.key } }, null);
    if (got.userErrors.length > 0) throw new Refused(got.userErrors[0]);
    return got;
  } catch (e) {
    forget();
    throw e;
  }
}

const forget = () => kept.set('attempt', null);

const hour = 3_600_000;

// renew replaces the token when most of its life is over. One window does; another that has not heard of it yet gets the
// same token. A new token that is due at once means that the clock here is wrong; the page must not renew it for ever.
async function renew(signal) {
  let fresh = false;
  for (;;) {
    const now = kept.get('sign-in');
    if (!now || signal.aborted) return;
    const [since, until] = [Date.parse(now.since), Date.parse(now.expiresAt)];
    const due = since + (until - since) * 0.7 - Date.now();
    if (due > 0 || fresh) {
      fresh = false;
      await wait(due > 0 ? Math.min(due, hour) : hour);
      continue;
    }
    fresh = true;
    const replace = async () => {
      if (signedIn() !== now.token) return;
      const { refreshToken: got } = await insist('mutation ($i: RefreshTokenInput!) { refreshToken(input: $i) { token expiresAt userErrors { message code reason } } }', { i: { token: now.token } });
      if (got.userErrors.length > 0) throw new Refused(got.userErrors[0]);
      if (signedIn() !== now.token) return; // signed out meanwhile
      keep(got);
      at('token').value = got.token;
    };
    await (navigator.locks ? navigator.locks.request('baogong:renew', replace) : replace());
  }
}

// follow calls changed when the stream begins and after every event of the community that the reader may see.
async function follow(community, changed, signal) {
  for (let tries = 0; !signal.aborted; tries++) {
    try {
      const answer = await request('subscription ($c: ID!) { orderEvents(communityId: $c) { cursor } }', { c: community }, signedIn(), signal, 'text/event-stream');
      if (answer.status === 401) return ended(new Refused((await answer.json()).errors[0]));
      if (!answer.ok) throw new Error(answer.statusText);
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        if (!part.value.includes('event: next') && !part.value.startsWith(':\n')) continue;
        await changed();
        at('line').replaceChildren(...both(['实时更新中', 'Live']));
        tries = 0;
      }
    } catch (e) {
      if (e instanceof Refused && e.code === 'UNAUTHENTICATED') return ended(e);
    }
    if (signal.aborted) return;
    at('line').replaceChildren(...both(['连接中断，正在重连…', 'Connection lost, trying again…']));
    await pause(tries);
  }
}

async function showOrders(community) {
  const { orders } = await ask('query ($c: ID!) { orders(communityId: $c, filter: { open: true }, first: 50) { nodes { id number stage held } } }', { c: community });
  const there = new Map([...at('orders').children].map((item) => [item.dataset.order, item]));
  at('orders').replaceChildren(...orders.nodes.map((order) => {
    const item = there.get(order.id) ?? newOrder(order);
    const [chinese, english] = stageWords(order.stage);
    item.firstChild.replaceChildren(`#${order.number} `, ...both(order.held ? [`${chinese}（暂停）`, `${english}, held for now`] : [chinese, english]));
    return item;
  }));
  if (orders.nodes.length === 0) at('orders').replaceChildren(...both(['没有进行中的订单。', 'No open orders.']));
}

// newOrder is the row of an order, with a button that makes a link. A link once made stays in its row.
function newOrder(order) {
  const item = document.createElement('li');
  item.dataset.order = order.id;
  const button = document.createElement('button');
  button.append(...both(['分享进度', 'Share']));
  const key = newKey();
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      const { shareOrder: got } = await insist('mutation ($i: ShareOrderInput!) { shareOrder(input: $i) { results { url qr userErrors { message code reason } } userErrors { message code reason } } }',
        { i: { orderId: order.id, clientMutationId: key } });
      const refusal = got.userErrors[0] ?? got.results[0].userErrors[0];
      if (refusal) throw new Refused(refusal);
      say();
      const link = document.createElement('a');
      link.href = link.textContent = got.results[0].url;
      const drawing = document.createElement('img');
      drawing.src = `data:image/svg+xml,${encodeURIComponent(got.results[0].qr)}`;
      drawing.alt = 'QR';
      button.replaceWith(link, drawing);
    } catch (e) {
      tell(e);
      button.disabled = false;
    }
  });
  item.append(document.createElement('div'), button);
  return item;
}

let running = new AbortController();

// show shows one part of the page and hides the others.
function show(part) {
  for (const each of ['form', 'offer', 'in']) at(each).hidden = each !== part;
}

function form() {
  running.abort();
  show('form');
  at('code').value = '';
}

// ended removes the sign-in and shows why, unless another window has removed it already.
function ended(e) {
  const here = signedIn();
  kept.set('sign-in', null);
  form();
  if (here) tell(e);
  else say();
}

const whoIs = async (token) => (await insist('{ me { name role community { id name } household { address } } }', {}, token)).me;
const nameOf = (me) => [me.community?.name, me.household?.address ?? me.name, me.role].filter(Boolean).join(' · ');
const shown = (me) => both([nameOf({ ...me, role: roleWords(me.role)[0] }), roleWords(me.role)[1]]);

async function enter() {
  running.abort();
  running = new AbortController();
  const me = await whoIs(signedIn());
  say();
  show('in');
  at('who').replaceChildren(...shown(me));
  at('resident').hidden = me.role !== 'RESIDENT';
  at('staff').hidden = ['RESIDENT', 'LINK'].includes(me.role);
  at('token').value = signedIn();
  const prints = ['COMMANDER', 'ADMIN'].includes(me.role);
  at('printing').hidden = !prints;
  at('manifest').hidden = me.role === 'SUPPLIER';
  at('shopping').hidden = me.role === 'SUPPLIER' || me.role === 'CITY';
  at('report').hidden = !['LEAD', 'COMMANDER', 'ADMIN'].includes(me.role);
  at('sheets').hidden = !['VOLUNTEER', 'LEAD', 'COMMANDER', 'ADMIN', 'SUPPLIER'].includes(me.role);
  const next = sessionStorage.getItem('baogong:next'); // the page that asked to sign in
  if (prints && next === '/cards' || !at('staff').hidden && /^\/(print\/|report|shopping)/.test(next)) {
    sessionStorage.removeItem('baogong:next');
    return location.assign(next);
  }
  renew(running.signal).catch(ended);
  if (me.role === 'RESIDENT') follow(me.community.id, () => showOrders(me.community.id), running.signal);
}

// track opens the page of a tracking link. tracks reports whether a code belongs to one.
const track = (code) => location.assign(`/track/${encodeURIComponent(code)}`);
const tracks = (code) => fetch(`/track/${encodeURIComponent(code)}`, { method: 'HEAD', cache: 'no-store' }).then((answer) => answer.ok, () => false);

// signIn signs in with a typed code, or resumes the stored sign-in.
async function signIn(code) {
  at('enter').disabled = true;
  at('in').hidden = true;
  say();
  try {
    if (code) {
      keep(await redeem(code));
      forget();
    }
    await enter();
  } catch (e) {
    if (code && e.code === 'NOT_FOUND' && await tracks(code)) return track(code);
    ended(e);
    tell(e);
  } finally {
    at('enter').disabled = false;
  }
}

// offer shows whom a code from a link is for, and asks for a confirmation. Without it an attacker's link could sign this browser in as the
// attacker (login CSRF).
async function offer(code) {
  running.abort();
  show();
  say();
  try {
    const got = await redeem(code, true);
    const [me, now] = [await whoIs(got.token), signedIn() && (await whoIs(signedIn()).catch(() => null))];
    const drop = () => ask('mutation { signOut(input: {}) { signedOut } }', {}, got.token).catch(() => {}); // it was never stored
    if (now && nameOf(now) === nameOf(me)) {
      forget();
      drop();
      return await enter();
    }
    say();
    at('whose').replaceChildren(...shown(me));
    at('replaces').hidden = !now;
    at('current').replaceChildren(...(now ? shown(now) : []));
    at('accept').onclick = () => {
      keep(got);
      forget();
      signIn();
    };
    at('decline').onclick = () => {
      forget();
      drop();
      if (now) signIn();
      else form();
    };
    show('offer');
    at('accept').focus();
  } catch (e) {
    if (signedIn()) await signIn();
    else form();
    tell(e);
  }
}

// hashed returns the text after the # of the address. A malformed one counts as a wrong code.
function hashed() {
  const text = location.hash.slice(1);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// begin removes the code from the address bar first, so that it cannot be read there.
function begin() {
  const code = hashed();
  if (code) history.replaceState(null, '', location.pathname);
  const attempt = kept.get('attempt');
  if (code) offer(code);
  else if (attempt?.linked) offer(attempt.code);
  else if (attempt) signIn(attempt.code);
  else if (signedIn()) signIn();
  else form();
}

at('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const code = at('code').value.trim();
  const link = code.match(/\/track\/([^/?#\s]+)/);
  if (link) track(decodeURI(link[1]));
  else if (code) signIn(code);
  else say('请填写住户卡或邀请码上的码。', 'Type the code of your card or invitation.');
});
at('copy').addEventListener('click', () => {
  at('token').select();
  navigator.clipboard?.writeText(at('token').value);
});
// Remove the stored sign-in first, so that the streams of this window and others do not report its end as an error.
at('leave').addEventListener('click', () => {
  const token = signedIn();
  kept.set('sign-in', null);
  form();
  say();
  if (token) insist('mutation { signOut(input: {}) { signedOut } }', {}, token).then(() => say(), () => {});
});
addEventListener('hashchange', begin);
// Another window has replaced the token, and the old one expires soon, or it has signed out.
addEventListener('storage', () => {
  at('token').value = signedIn() ?? '';
  if (signedIn() || at('in').hidden) return;
  form();
  say();
});
begin();
