import './print.css';

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { address, go, here } from '../shared/address';
import { ask } from '../shared/api';
import { said, type Text, words } from '../shared/language';
import { Frame, SignedIn } from '../shared/page';
import { me } from '../shared/viewer';
import { Labels } from './labels';
import { ManifestSheet } from './manifest';
import { type Building, type Labelled, offers, communities, subject } from './operations';
import { readLabels, readManifest, type Subject } from './read';

const titles: Record<'manifest' | 'labels', Text> = { manifest: ['分拣单', 'Sorting manifest'], labels: ['标签', 'Labels'] };

/** What the address names: which sheets, and about what: nothing (the reader's community), or the id of a community, building, arrival or order. */
function asked(): { what: 'manifest' | 'labels'; id: string } {
  const [, named, id] = here().split('?')[0]!.split('/');
  return { what: named === 'labels' ? 'labels' : 'manifest', id: id ?? '' };
}

export const titleOf = () => titles[asked().what];

const w = words({
  of: ['打印哪些', 'What to print'],
  choose: ['请选择', 'Choose'],
  all: ['全小区', 'The whole community'],
  arrival: [(n: number, supplier: string) => `到货 ${n} · ${supplier}`, (n: number, supplier: string) => `Arrival ${n} · ${supplier}`],
  print: ['打印', 'Print'],
  cut: ['内容过多，仅显示前 2000 单；请按楼栋打印。', 'These are the first 2,000 orders only; print building by building.'],
  count: [(n: number) => `${n} 单`, (n: number) => (n === 1 ? '1 order' : `${n} orders`)],
  nothing: ['没有可打印的内容。', 'There is nothing to print.'],
  unknown: ['没有该对象。', 'There is no such thing here.'],
  loading: ['正在载入…', 'Loading…'],
});

export function PrintPage() {
  const { what } = asked();
  return (
    <Frame title={titles[what]}>
      <SignedIn page={`print/${what}`}><Sheets /></SignedIn>
    </Frame>
  );
}

type Read = { cut: boolean; buildings?: readonly Building[]; labels?: readonly Labelled[] };

function Sheets() {
  const { what, id } = asked();
  const list = useSignal<{ value: string; text: () => string }[] | null>(null);
  const chosen = useSignal('');
  const order = useSignal(false);
  const got = useSignal<Read | null>(null);
  const empty = useSignal(false); // nothing is chosen yet
  const refused = useSignal<string | null>(null);

  useEffect(() => {
    void (async () => {
      const viewer = me.value!;
      const node = id ? (await ask(subject, { id })).node : null;
      if (id && !node) throw new Error(w.unknown);
      const about: Subject | null = node ? { kind: node.__typename, id: node.id } : viewer.community ? { kind: 'Community', id: viewer.community.id } : null;
      order.value = about?.kind === 'Order';
      list.value = await choices(about);
      chosen.value = list.value.some((o) => o.value === about?.id) ? about!.id : '';
      if (!about || (viewer.role === 'SUPPLIER' && about.kind === 'Community')) {
        empty.value = true;
        return;
      }
      got.value = what === 'labels' ? await readLabels(about) : await readManifest(about);
    })().catch((e: Error) => (refused.value = e.message));
  }, []);

  const r = got.value;
  const count = r ? (r.labels?.length ?? r.buildings?.reduce((sum, b) => sum + b.orders.length, 0) ?? 0) : 0;
  const other = what === 'manifest' ? 'labels' : 'manifest';
  return (
    <div class="stack">
      <div class="desk row noprint">
        {list.value && (
          <>
            <label for="of">{w.of}</label>
            <select id="of" value={chosen} onChange={(e) => e.currentTarget.value && go(`print/${what}/${e.currentTarget.value}`)}>
              {!chosen.value && <option value="">{w.choose}</option>}
              {list.value.map((o) => <option key={o.value} value={o.value}>{o.text()}</option>)}
            </select>
          </>
        )}
        <button id="print" disabled={count === 0} onClick={() => print()}>{w.print}</button>
        {me.value!.role !== 'SUPPLIER' && !order.value && <a id="other" href={address(`print/${other}${id && `/${id}`}`)}>{said(titles[other])}</a>}
      </div>
      <p id="said" class="refused noprint" role="alert">{refused.value ?? (r?.cut ? w.cut : '')}</p>
      <p id="count" class="noprint" role="status">{r ? (count > 0 ? w.count(count) : w.nothing) : refused.value || empty.value ? '' : w.loading}</p>
      {r?.buildings && <div>{r.buildings.map((b) => <ManifestSheet key={b.building.id} building={b} />)}</div>}
      {r?.labels && <Labels orders={r.labels} />}
    </div>
  );
}

/** What else can be printed: the community, its buildings and today's arrivals. Administrators choose a community first. */
async function choices(about: Subject | null) {
  const viewer = me.value!;
  const community = viewer.community?.id ?? (about?.kind === 'Community' ? about.id : null);
  if (!community) return (await ask(communities, {})).communities.nodes.map((c) => ({ value: c.id, text: () => `${c.name} ${c.code}` }));
  const got = await ask(offers, { community, all: viewer.role !== 'SUPPLIER' });
  return [
    ...(viewer.role === 'SUPPLIER' ? [] : [{ value: community, text: () => w.all }]),
    ...(got.buildings?.nodes.map((b) => ({ value: b.id, text: () => b.code })) ?? []),
    ...got.arrivals.map((a) => ({ value: a.id, text: () => w.arrival(a.number, a.supplier?.name ?? '') })),
  ];
}
