import { print } from '@0no-co/graphql.web';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { address, go } from '../shared/address';
import { given } from '../shared/given';
import { said, words } from '../shared/language';
import { Frame } from '../shared/page';
import { home, pages } from '../shared/pages';
import { post, Refused } from '../shared/post';
import { endedBecause, keep, persist, redeem, signOut, token, type Token } from '../shared/session';
import { roles } from '../shared/terms';
import { lineOf, type Me, me, remember, viewerQuery } from '../shared/viewer';
import { attempt, attempted, forget, hashed } from './attempt';

const w = words({
  label: ['住户卡或邀请码上的码', 'Code of your card or invitation'],
  enter: ['登录', 'Sign in'],
  missing: ['请填写住户卡或邀请码上的码。', 'Type the code of your card or invitation.'],
  retrying: ['连接中断，正在重试…', 'Connection lost, trying again…'],
  isFor: ['此码属于', 'This code is for'],
  replaces: ['您当前的登录将被取代：', 'It replaces your present sign-in:'],
  here: ['要在此浏览器登录吗？', 'Sign in with it in this browser?'],
  accept: ['登录', 'Sign in'],
  decline: ['不是我的', 'Not mine'],
  signedInAs: ['您已登录：', 'You are signed in as'],
  toWork: ['打开我的页面', 'Open my page'],
  leave: ['退出', 'Sign out'],
  programs: ['供程序使用', 'For programs'],
  header: ['在 GraphiQL 或自己的程序中，用此令牌查询和操作。请勿外传。', 'With this token you query and act in GraphiQL or your own programs. Keep it secret.'],
  token: ['令牌', 'Token'],
  copy: ['复制', 'Copy'],
  copied: ['已复制。', 'Copied.'],
  demo: ['演示：可以试用的身份', 'Demonstration: whom you can try it as'],
  invented: ['小区和人物均为虚构。', 'The estate and its people are invented.'],
  working: ['正在登录…', 'Signing in…'],
});

const same = (a: Me, b: Me) => a.name === b.name && a.role === b.role && a.community?.id === b.community?.id && a.household?.id === b.household?.id;

const whoIs = (of: string, failed: (e: unknown) => void) => persist(() => post<{ me: Me }>(print(viewerQuery), {}, of), failed).then((d) => d.me);

/** Opens the page that asked to sign in, else the person's own. Reports whether that is another page than this. */
function lead(who: Me): boolean {
  const next = sessionStorage.getItem('baogong:next')?.slice(new URL(document.baseURI).pathname.length);
  sessionStorage.removeItem('baogong:next');
  const allowed = next && pages.find((p) => next === p.path || next.startsWith(`${p.path}?`) || next.startsWith(`${p.path}/`))?.may(who);
  const to = allowed ? next : home(who);
  if (to === 'sign-in') return false;
  go(to);
  return true;
}

type Offer = { got: Token; who: Me; now: Me | null };

export function SignInPage() {
  const code = useSignal('');
  const problem = useSignal<string | null>(null);
  const busy = useSignal(false);
  const offer = useSignal<Offer | null>(null);

  const failed = (e: unknown) => (problem.value = e instanceof Refused ? e.message : w.retrying);
  const drop = (got: Token) => void post('mutation { signOut(input: {}) { signedOut } }', {}, got.token).catch(() => {}); // it was never kept

  // signIn redeems a code that was typed.
  async function signIn(typed: string) {
    const link = /\/track\/([^/?#\s]+)/.exec(typed);
    if (link) return go(`track/${link[1]}`);
    busy.value = true;
    problem.value = endedBecause.value = null;
    try {
      const got = await redeem(typed, attempted(typed, false).key, failed);
      keep(got);
      forget();
      problem.value = null;
      const who = await whoIs(got.token, failed);
      remember(who, got.token);
      busy.value = lead(who);
    } catch (e) {
      forget();
      if (e instanceof Refused && e.code === 'NOT_FOUND' && (await tracks(typed))) return go(`track/${encodeURIComponent(typed)}`);
      failed(e);
      busy.value = false;
    }
  }

  // show redeems a code from a link and shows whom it is for. Without a confirmation another person's link could sign this browser in
  // as that person (login CSRF).
  async function show(linked: string) {
    busy.value = true;
    problem.value = endedBecause.value = null;
    try {
      const got = await redeem(linked, attempted(linked, true).key, failed);
      const who = await whoIs(got.token, failed);
      const now = token.value ? await whoIs(token.value, failed).catch(() => null) : null;
      problem.value = null;
      if (now && same(now, who)) {
        forget();
        drop(got);
        busy.value = lead(now);
        return;
      }
      offer.value = { got, who, now };
    } catch (e) {
      forget();
      failed(e);
    }
    busy.value = false;
  }

  function accept({ got, who }: Offer) {
    offer.value = null;
    forget();
    remember(who, got.token);
    keep(got);
    busy.value = lead(who);
  }
  function decline({ got }: Offer) {
    offer.value = null;
    forget();
    drop(got);
  }

  useEffect(() => {
    const begin = () => {
      const linked = hashed();
      const under = attempt();
      if (linked) void show(linked);
      else if (under?.linked) void show(under.code);
      else if (under) void signIn(under.code);
    };
    begin();
    addEventListener('hashchange', begin);
    return () => removeEventListener('hashchange', begin);
  }, []);

  const who = me.value;
  return (
    <Frame title={['登录', 'Sign in']} class="narrow large" bare>
      <div class="stack">
        <p id="said" class="refused" role="alert">{problem.value ?? endedBecause.value}</p>
        {(busy.value || token.value && !who) && <p role="status">{w.working}</p>}
        {offer.value ? <Offered offer={offer.value} accept={accept} decline={decline} />
          : token.value && who && !busy.value ? <SignedIn who={who} />
            : (
              <form id="form" class="stack" hidden={busy.value || token.value !== null} onSubmit={(e) => {
                e.preventDefault();
                const typed = code.value.trim();
                if (typed) void signIn(typed);
                else problem.value = w.missing;
              }}>
                <label for="code">{w.label}</label>
                <input id="code" autocomplete="off" autocapitalize="characters" spellcheck={false} placeholder="XXXXX-XXXXX-XXXXX-XXXXX" value={code} onInput={(e) => (code.value = e.currentTarget.value)} />
                <button id="enter" class="main" disabled={busy.value}>{w.enter}</button>
              </form>
            )}
        {!offer.value && !busy.value && (!token.value || who) && given.actors.length > 0 && <Actors />}
      </div>
    </Frame>
  );
}

/** Reports whether a code belongs to a tracking link. */
const tracks = (code: string) => fetch(address(`track/${encodeURIComponent(code)}`), { method: 'HEAD', cache: 'no-store' }).then((answer) => answer.ok, () => false);

function Offered({ offer, accept, decline }: { offer: Offer; accept: (o: Offer) => void; decline: (o: Offer) => void }) {
  return (
    <section id="offer" class="stack">
      <p>{w.isFor} <b id="whose">{lineOf(offer.who)}</b></p>
      {offer.now && <p id="replaces">{w.replaces} <span id="current">{lineOf(offer.now)}</span></p>}
      <p>{w.here}</p>
      <p class="row">
        <button id="accept" class="main" autofocus onClick={() => accept(offer)}>{w.accept}</button>
        <button id="decline" onClick={() => decline(offer)}>{w.decline}</button>
      </p>
    </section>
  );
}

function SignedIn({ who }: { who: Me }) {
  const said = useSignal('');
  const field = { current: null as HTMLInputElement | null };
  const staff = !['RESIDENT', 'LINK'].includes(who.role);
  return (
    <section id="in" class="stack">
      <p>{w.signedInAs} <b id="who">{lineOf(who)}</b></p>
      <nav id="pages" aria-label={w.toWork}>
        {pages.filter((p) => p.path !== 'sign-in' && p.may(who)).map((p, i) => <PageLink key={p.path} path={p.path} main={i === 0} />)}
      </nav>
      {staff && (
        <section class="stack">
          <h2>{w.programs}</h2>
          <p>{w.header}</p>
          <p class="faint"><code>Authorization: Bearer …</code></p>
          <label for="token">{w.token}</label>
          <input id="token" ref={(e) => void (field.current = e)} readOnly value={token.value ?? ''} />
          <p class="row">
            <button id="copy" onClick={() => {
              field.current?.select();
              void navigator.clipboard?.writeText(token.value ?? '').then(() => (said.value = w.copied));
            }}>{w.copy}</button>
            <span role="status">{said}</span>
          </p>
        </section>
      )}
      <p><button id="out" onClick={signOut}>{w.leave}</button></p>
    </section>
  );
}

function PageLink({ path, main }: { path: string; main: boolean }) {
  const page = pages.find((p) => p.path === path)!;
  return <a class={main ? 'button main' : 'button'} href={address(path)}>{said(page.name)}</a>;
}

/** The people of the demonstration: one click signs in as one of them. */
function Actors() {
  return (
    <section class="stack" id="actors">
      <h2>{w.demo}</h2>
      <p class="faint">{w.invented} {given.timeOfDay && said(given.timeOfDay)}</p>
      <ul class="stack">
        {given.actors.map((a) => (
          <li key={a.name}>
            <button data-actor={a.name} onClick={async () => {
              keep({ token: `dev:${a.name}`, expiresAt: null });
              lead(await whoIs(`dev:${a.name}`, () => {}));
            }}><span>{a.name} · {said(roles[a.role], a.role)}<br /><small class="faint">{said([a.chinese, a.english])}</small></span></button>
          </li>
        ))}
      </ul>
    </section>
  );
}
