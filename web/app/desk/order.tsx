import { useSignal } from '@preact/signals';

import { act, useRead } from '../shared/api';
import { said, words } from '../shared/language';
import { newKey } from '../shared/store';
import { clock } from '../shared/time';
import { me } from '../shared/viewer';
import { draft, write } from './draft';
import { place, type Window, windows } from './operations';
import { consents } from './words';

const w = words({
  title: ['电话下单', 'Order by telephone'],
  window: ['团期', 'Order window'],
  closes: [(name: string, supplier: string, t: string) => `${name} · ${supplier}，${t} 截单`, (name: string, supplier: string, t: string) => `${name} · ${supplier}, closes ${t}`],
  search: ['找商品', 'Find goods'],
  left: [(n: string) => `还有 ${n}`, (n: string) => `${n} left`],
  quantity: ['数量', 'Quantity'],
  remove: ['去掉', 'Remove'],
  price: [(yuan: string, unit: string) => `${yuan} 元/${unit}`, (yuan: string, unit: string) => `${yuan} yuan/${unit}`],
  total: [(yuan: string) => `共 ${yuan} 元`, (yuan: string) => `${yuan} yuan in all`],
  who: ['谁同意的', 'Who agreed'],
  note: ['住户的话', 'In the household’s words'],
  read: ['念给对方听', 'Read it aloud'],
  right: ['对方说对，下单', 'The caller says it is right: place it'],
  wrong: ['不对，修改', 'It is not right: change it'],
  readIt: ['请念：', 'Read aloud:'],
  none: ['现在没有接单中的团期。', 'No order window is open now.'],
  loading: ['正在载入…', 'Loading…'],
  noGoods: ['没有这样的商品。', 'No such goods.'],
});

const yuan = (fen: number) => (fen / 100).toFixed(2);

/** The short form of an order by telephone: goods of a window, who agreed, the sentence to read, and then it is placed. */
export function OrderForm({ household, placed }: { household: string; placed: (order: { id: string; number: number }) => void }) {
  const list = useRead(windows, { community: me.value!.community!.id });
  const search = useSignal('');
  const refused = useSignal<string | null>(null);
  const sentence = useSignal<string | null>(null);
  const busy = useSignal(false);
  const { lines, window: chosen, consentBy, note, key } = draft.value;

  const change = (next: Parameters<typeof write>[0]) => {
    sentence.value = refused.value = null;
    write({ ...next, key: newKey() });
  };
  const all: readonly Window[] = list.value.data?.orderWindows ?? [];
  const current = all.find((x) => x.id === chosen) ?? all[0];
  const offerOf = (id: string) => current?.offers.find((o) => o.package.id === id);
  const found = current?.offers.filter((o) => o.package.name.toLowerCase().includes(search.value.trim().toLowerCase())) ?? [];
  const total = lines.reduce((sum, l) => sum + (offerOf(l.packageId)?.priceFen ?? 0) * Number(l.quantity || 0), 0);

  async function send(readBack: boolean) {
    if (busy.value || !current) return;
    busy.value = true;
    refused.value = null;
    try {
      const { placeOrder: got } = await act(place, { input: {
        clientMutationId: key + (readBack ? 'r' : ''), householdId: household, channel: 'PHONE', windowId: current.id, note, readBack,
        lines: lines.map((l) => ({ packageId: l.packageId, quantity: l.quantity })), ...(consentBy ? { consentBy } : {}),
      } });
      const why = got.userErrors[0];
      if (why?.reason === 'READ_BACK_NEEDED' && why.details?.readBack) sentence.value = why.details.readBack;
      else if (why) refused.value = why.message;
      else if (got.order) {
        sentence.value = null;
        placed(got.order);
      }
    } catch (e) {
      refused.value = (e as Error).message;
    } finally {
      busy.value = false;
    }
  }

  if (!list.value.data) return <p role="status">{list.value.error ?? w.loading}</p>;
  if (!current) return <p class="note">{w.none}</p>;
  return (
    <form id="order" onSubmit={(e) => {
      e.preventDefault();
      void send(false);
    }}>
      <fieldset>
        <legend>{w.title}</legend>
        {all.length > 1 && (
          <>
            <label for="window">{w.window}</label>
            <select id="window" value={current.id} onChange={(e) => change({ window: e.currentTarget.value, lines: [] })}>
              {all.map((x) => <option key={x.id} value={x.id}>{w.closes(x.name, x.supplier?.name ?? '', clock(x.closesAt))}</option>)}
            </select>
          </>
        )}
        <label for="goods">{w.search}</label>
        <input id="goods" type="search" value={search} onInput={(e) => (search.value = e.currentTarget.value)} onKeyDown={(e) => {
          if (e.key !== 'Enter') return;
          e.preventDefault();
          const first = found.find((o) => !lines.some((l) => l.packageId === o.package.id));
          if (first) change({ window: current.id, lines: [...lines, { packageId: first.package.id, quantity: '1' }] });
        }} />
        <ul class="goods">
          {found.slice(0, 30).map((o) => (
            <li key={o.package.id}>
              <button type="button" disabled={lines.some((l) => l.packageId === o.package.id)} onClick={() => change({ window: current.id, lines: [...lines, { packageId: o.package.id, quantity: '1' }] })}>
                {o.package.name} · {w.price(yuan(o.priceFen), o.package.unit)}{o.leftForPhone !== null && ` · ${w.left(o.leftForPhone)}`}
              </button>
            </li>
          ))}
          {found.length === 0 && <li>{w.noGoods}</li>}
        </ul>
        {lines.map((l, i) => {
          const offer = offerOf(l.packageId);
          const name = offer?.package.name ?? l.packageId;
          return (
            <div key={l.packageId} class="line">
              <span>{name}</span>
              <input aria-label={`${w.quantity}: ${name}`} inputMode="decimal" value={l.quantity} onInput={(e) => {
                const quantity = e.currentTarget.value;
                change({ lines: lines.map((x, j) => (j === i ? { ...x, quantity } : x)) });
              }} />
              <button type="button" aria-label={`${w.remove}: ${name}`} onClick={() => change({ lines: lines.filter((_, j) => j !== i) })}>{w.remove}</button>
            </div>
          );
        })}
        {lines.length > 0 && (
          <>
            <p><b>{w.total(yuan(total))}</b></p>
            <div class="choices" role="radiogroup" aria-label={w.who}>
              <span>{w.who}</span>
              {(Object.keys(consents) as (keyof typeof consents)[]).map((c) => (
                <label key={c}><input type="radio" name="consent" checked={consentBy === c} onChange={() => change({ consentBy: c })} />{said(consents[c])}</label>
              ))}
            </div>
            <label for="note">{w.note}</label>
            <input id="note" maxLength={500} value={note} onInput={(e) => change({ note: e.currentTarget.value })} />
            {refused.value && <p class="refused" role="alert">{refused}</p>}
            {sentence.value
              ? (
                <>
                  <p>{w.readIt}</p>
                  <p class="readback" id="sentence" tabIndex={-1} ref={(p) => void p?.focus()}>{sentence}</p>
                  <p class="row">
                    <button type="button" id="right" class="main" disabled={busy.value} onClick={() => send(true)}>{w.right}</button>
                    <button type="button" onClick={() => (sentence.value = null)}>{w.wrong}</button>
                  </p>
                </>
              )
              : <p><button id="read" class="main" disabled={busy.value}>{w.read}</button></p>}
          </>
        )}
      </fieldset>
    </form>
  );
}
