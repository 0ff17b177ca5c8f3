import './style.css';

import { effect, useSignal } from '@preact/signals';
import { type ComponentChildren, Fragment, render } from 'preact';
import { useEffect } from 'preact/hooks';

import { address, here } from './address';
import { answers, lastAnswer, probe } from './answers';
import { connection, lastHeard } from './connection';
import { choose, language, said, type Text, words } from './language';
import { Leave } from './leave';
import { mayOpen, pages } from './pages';
import { endedBecause, token } from './session';
import { clock } from './time';
import { lineOf, me } from './viewer';
import { waiting } from './waiting';

const w = words({
  live: ['实时', 'Live'],
  connected: ['已连接', 'Connected'],
  connecting: ['正在连接…', 'Connecting…'],
  lost: ['连接中断，正在重连…', 'Connection lost, trying again…'],
  lastSeen: [(t: string) => `连接中断，${t} 后未更新`, (t: string) => `Connection lost, last seen ${t}`],
  waiting: [(n: number) => `${n} 条待发送`, (n: number) => `${n} to send`],
  other: ['English', '中文'],
  menu: ['其他页面', 'Other pages'],
  signIn: ['登录', 'Sign in'],
  signInFirst: ['请先登录。', 'Please sign in first.'],
  loading: ['正在载入…', 'Loading…'],
  notYours: ['此页面不对您的角色开放。', 'This page is not for your role.'],
});

const unasked = 2_000; // ms after which a page that has neither a stream nor an answer asks whether the server is there

/** The state of the connection in words: live or connected, last seen 14:03, n to send, or the last two. It is that of the page's streams, or without one that of its requests. */
export function Connection() {
  useEffect(() => {
    const timer = setTimeout(() => connection.value === 'none' && answers.value === 'unknown' && probe(), unasked);
    return () => clearTimeout(timer);
  }, []);
  const streams = connection.value !== 'none';
  const lost = (streams ? connection.value : answers.value) === 'lost';
  const heard = Math.max(lastHeard.value ?? 0, lastAnswer.value ?? 0);
  const gone = heard > 0 ? w.lastSeen(clock(heard)) : w.lost;
  const state = streams ? (connection.value === 'connecting' && !lastHeard.value ? w.connecting : w.live) : answers.value === 'unknown' ? '' : w.connected;
  const text = waiting.value > 0 ? [w.waiting(waiting.value), lost && gone].filter(Boolean).join(' · ') : lost ? gone : state;
  return <span class={`connection ${lost ? 'lost' : streams ? connection.value : answers.value}`} id="connection" role="status" hidden={text === ''}>{text}</span>;
}

type FrameProps = { title: Text; class?: string; children: ComponentChildren; bare?: boolean };

/** The frame of every page: its name, the state of the connection, the language, the other pages of this person. bare leaves the other pages out. */
export function Frame({ title, children, bare, class: look = '' }: FrameProps) {
  const mine = me.value;
  const open = useSignal(false); // the other pages, on a narrow screen
  const others = !bare && mine ? pages.filter((p) => p.path !== 'sign-in' && p.may(mine) && p.path !== here().split('?')[0]) : [];
  return (
    <div class={`page ${look}`}>
      <header>
        <h1>{said(title)}</h1>
        <Connection />
        <nav aria-label={w.menu}>
          {others.length > 0 && (
            <>
              <button id="menu" aria-expanded={open.value} aria-controls="others" onClick={() => (open.value = !open.value)}>{w.menu}</button>
              <span id="others" class={open.value ? 'open' : ''}>{others.map((p) => <a key={p.path} href={address(p.path)}>{said(p.name)}</a>)}</span>
            </>
          )}
          <button lang={language.value === 'zh' ? 'en' : 'zh-CN'} id="language" onClick={() => choose(language.value === 'zh' ? 'en' : 'zh')}>{w.other}</button>
          {!bare && mine && <a id="who" href={address('sign-in')}>{mine.household?.address ?? lineOf(mine)}</a>}
          {token.value && <Leave />}
        </nav>
      </header>
      <main>{children}</main>
    </div>
  );
}

/** Shows its children to a person who is signed in and whose page it is, by its path in pages.ts, and else says what to do. Another person's page begins again. */
export function SignedIn({ page, children }: { page: string; children: ComponentChildren }) {
  if (!token.value) {
    return (
      <div class="stack">
        {endedBecause.value && <p class="note bad" role="alert">{endedBecause.value}</p>}
        <p>{w.signInFirst}</p>
        <p><a class="button main" href={address('sign-in')} onClick={() => sessionStorage.setItem('baogong:next', location.pathname + location.search)}>{w.signIn}</a></p>
      </div>
    );
  }
  if (!me.value) return <p role="status">{w.loading}</p>;
  if (!mayOpen(page, me.value)) return <p class="note warn" role="alert">{w.notYours}</p>;
  const { role, community, volunteer, supplier, household, name } = me.value;
  return <Fragment key={[role, community?.id, (volunteer ?? supplier ?? household)?.id ?? name].join(' ')}>{children}</Fragment>;
}

/** Draws a page into the document and keeps its title in the language shown. */
export function mount(title: Text, page: () => ComponentChildren) {
  effect(() => {
    document.title = `${said(title)} · 保供 Baogong`;
  });
  const Page = page as () => preact.JSX.Element;
  render(<Page />, document.getElementById('app')!);
}

