import { computed, signal, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';

import { address } from '../shared/address';
import { ask, useLive } from '../shared/api';
import { Cards } from '../shared/cards';
import { InCommunity } from '../shared/choice';
import { heardOf, lastOf } from '../shared/kept';
import { said, type Text, words } from '../shared/language';
import { type Act, acts, add, open, withdraw } from '../shared/outbox';
import { paced } from '../shared/paced';
import { Frame, SignedIn } from '../shared/page';
import { marks } from '../shared/terms';
import { clock, estateOf, when } from '../shared/time';
import { Bags } from './bags';
import { Camera } from './camera';
import { awaited, begun, forget, scan as count, scanned } from './count';
import { type Bag, type Bin, List } from './list';
import { type Manifest, manifest, progress, report, sort, undo } from './operations';
import { tone } from './tone';

const w = words({
  field: ['扫描或输入标签、编号', 'Scan or type a label or number'],
  enter: ['查', 'Find'],
  at: ['您站在哪个分拣格？', 'At which bin do you stand?'],
  any: ['任意（告诉我放哪）', 'Any: tell me where it goes'],
  wrong: [(bin: string, here: string) => `不是 ${here}，是 ${bin}`, (bin: string, here: string) => `Not ${here}: ${bin}`],
  unknown: [(t: string) => `清单中没有“${t}”。核对编号，或到门口登记为无主件。`, (t: string) => `“${t}” is not in the list. Check the number, or log it as a stray at the gate.`],
  already: ['分拣过了', 'sorted already'],
  ofBags: [(n: number, all: number) => `第 ${n}/${all} 袋`, (n: number, all: number) => `bag ${n} of ${all}`],
  bags: [(n: number) => `共 ${n} 袋`, (n: number) => `${n} bags`],
  notHere: ['没有此件', 'Not here'],
  damaged: ['破损', 'Damaged'],
  undo: ['撤回', 'Undo'],
  missing: ['还差', 'Still to come'],
  building: ['楼栋', 'Building'],
  expected: ['未到', 'on the way'],
  atGate: ['待分拣', 'to sort'],
  sorted: ['分好', 'sorted'],
  settling: ['静置', 'settling'],
  short: ['少袋', 'bags missing'],
  kept: [(t: string) => `清单为 ${t} 的情况`, (t: string) => `The list is of ${t}`],
  cut: ['清单只列出前 2,000 单。', 'The list has only the first 2,000 orders.'],
  loading: ['正在载入清单…', 'Loading the list…'],
  done: [(n: number) => `已扫（${n}）`, (n: number) => `Scanned (${n})`],
  begun: ['没扫齐的订单（只算这台设备）', 'Not all bags scanned (on this device)'],
  some: [(n: number, of: number) => `${n}/${of} 袋`, (n: number, of: number) => `${n} of ${of} bags`],
  open: ['打开', 'Open'],
  toSend: ['待发送', 'to send'],
  print: ['打印分拣单', 'Print the manifest'],
  labels: ['打印标签', 'Print labels'],
});

type Found = { bag: Bag; bin: string; wrong: string | null; already: boolean; to: Bin; repeated: boolean; put: boolean };

const place = signal(''); // the community whose list is shown
const kept = computed(() => (place.value ? lastOf<Manifest>(`sorting ${place.value}`).value : null));
const list = computed(() => (kept.value ? new List(kept.value.value) : null));
const found = signal<Found | null>(null);
const unknown = signal<string | null>(null);
const here = signal(''); // the bin at which the sorter stands

export function SortingPage() {
  return (
    <Frame title={['分拣', 'Sorting']} class="large sorting">
      <SignedIn page="sorting"><InCommunity>{(id) => <Sorting community={id} />}</InCommunity></SignedIn>
    </Frame>
  );
}

function Sorting({ community }: { community: string }) {
  // An administrator has chosen another community: its list and its bins are others.
  useLayoutEffect(() => {
    if (place.value !== community) {
      found.value = unknown.value = null;
      here.value = '';
    }
    place.value = community;
  }, [community]);
  const live = useLive(progress, { communityId: community });
  const data = live.value.data?.sortingProgress;
  // The list is read again when the numbers change: what came to the gate is in it. It has up to 2,000 orders, so many changes share a reading.
  const reading = useMemo(() => paced(async (latest) => {
    const m = await ask(manifest, { communityId: community });
    if (!latest()) return;
    heardOf(`sorting ${community}`, m);
    const now = new List(m);
    forget((order) => now.get(order) === null);
  }, 2_000), [community]);
  useEffect(() => reading.stop, [reading]);
  useEffect(reading.soon, [reading, data]);

  /** What was done to an order, as far as this device knows. */
  const before = (order: string) => {
    const taken = takenBack();
    return acts.value.some((a) => a.page === 'sorting' && a.state !== 'refused' && !taken.has(a.key) && (a.detail as Detail).order === order && (a.detail as Detail).kind === 'sort');
  };

  /** Looks a bag up and puts it into its bin. It reports false while there is no list: the text stays in the field. */
  function scan(text: string): boolean {
    unknown.value = found.value = null;
    if (!list.value) return false;
    if (text.trim()) sorted(text, list.value);
    return true;
  }

  function sorted(text: string, all: List) {
    show(all.find(text), text, all);
  }

  /** Shows where a bag goes. It is sorted with the last bag of its order; before, the page counts them. */
  function show(bag: Bag | null, text: string, all: List) {
    unknown.value = null;
    const bin = bag && all.binOf(bag);
    if (!bag || !bin) {
      tone(false);
      unknown.value = text;
      return;
    }
    const at = all.bins.find((b) => b.id === here.value);
    const wrong = at && at.building.id !== bag.building.id ? at.code : null;
    const already = bag.order.stage === 'SORTED' || before(bag.order.id);
    const to = at && !wrong ? at : bin;
    const several = !wrong && !already && awaited(bag.order) > 1;
    const repeated = several && bag.bag !== null && !count(bag.order.id, bag.bag);
    const put = !wrong && !already && (!several || scanned(bag.order.id).length >= awaited(bag.order));
    found.value = { bag, bin: to.code, wrong, already, to, repeated, put };
    tone(!wrong && !repeated && !(several && bag.bag === null));
    if (put) putInto(bag, to);
  }

  function putInto(bag: Bag, to: Bin) {
    forget((order) => order === bag.order.id);
    const name = `#${bag.order.number} ${bag.order.address}`;
    void add(sort, {
      page: 'sorting', input: { binId: to.id, orders: [{ orderId: bag.order.id }], deviceTime: new Date().toISOString() },
      says: [`${name} 放入 ${to.code}`, `${name} into ${to.code}`], parts: [[name, name]], detail: { kind: 'sort', order: bag.order.id } satisfies Detail,
    });
  }

  return (
    <div class="stack">
      {live.value.error && <p class="note bad" role="alert">{live.value.error}</p>}
      <Cards />
      {!list.value && <p role="status">{w.loading}</p>}
      {kept.value && !data && <p class="faint">{w.kept(when(estateOf(kept.value.at)))}</p>}
      {kept.value?.value.sortingManifest.cut && <p class="note warn">{w.cut}</p>}
      <div class="desk">
        <div class="stack">
          <Scanner scan={scan} />
          <Camera read={scan} />
          <label for="at">{w.at}</label>
          <select id="at" value={here} onChange={(e) => (here.value = e.currentTarget.value)}>
            <option value="">{w.any}</option>
            {list.value?.bins.map((b) => <option key={b.id} value={b.id}>{b.code}</option>)}
          </select>
        </div>
        <div aria-live="assertive" id="answer" class="stack">
          {unknown.value !== null && <p class="note bad">{w.unknown(unknown.value)}</p>}
          {found.value && <Answer found={found.value} />}
          {found.value && list.value && !found.value.wrong && !found.value.already && !found.value.put && (
            <Bags bag={found.value.bag} repeated={found.value.repeated} here={(n) => show({ ...found.value!.bag, bag: n }, '', list.value!)} put={(short) => {
              const { bag, to } = found.value!;
              found.value = { ...found.value!, put: true };
              putInto(bag, to);
              if (short > 0) tell(bag, 'SHORT', short, [`缺 ${short} 袋`, `bags missing: ${short}`]);
            }} />
          )}
        </div>
      </div>
      {list.value && <Begun list={list.value} open={(bag) => show(bag, '', list.value!)} />}
      {data && <Missing rows={data.buildings} />}
      <Scanned />
      <p class="row noprint"><a class="button" href={address('print/manifest')}>{w.print}</a><a class="button" href={address('print/labels')}>{w.labels}</a></p>
    </div>
  );
}

/** Opens an incident about bags of an order. */
function tell(bag: Bag, kind: 'MISSING' | 'SHORT' | 'DAMAGED', bags: number, what: Text) {
  void add(report, {
    page: 'sorting', input: { incidents: [{ kind, subjectId: bag.order.id, bags }] }, says: [`#${bag.order.number} ${what[0]}`, `#${bag.order.number} ${what[1]}`],
    detail: { kind: 'report', order: bag.order.id } satisfies Detail,
  });
}

/** Says that an order is not here. What this device has put into its bin by a typed number is taken out first. */
async function notHere(bag: Bag) {
  const taken = takenBack();
  const sorts = acts.value.filter((a) => a.page === 'sorting' && a.state !== 'refused' && !taken.has(a.key) && (a.detail as Detail).kind === 'sort' && (a.detail as Detail).order === bag.order.id);
  found.value = null;
  for (const a of sorts.slice(-1)) await takeBack(a);
  tell(bag, 'MISSING', 1, ['没有此件', 'not here']);
}

/** The orders of which this device has scanned some bags but not all. */
function Begun({ list, open }: { list: List; open: (bag: Bag) => void }) {
  const bags = begun().map((order) => list.get(order)).filter((b) => b !== null);
  if (bags.length === 0) return null;
  return (
    <section class="stack" id="begun">
      <h2>{w.begun}</h2>
      <ul class="stack">
        {bags.map((b) => <li key={b.order.id} class="row"><span>#{b.order.number} · {b.order.address} · <b>{w.some(scanned(b.order.id).length, awaited(b.order))}</b></span> <button onClick={() => open(b)}>{w.open}</button></li>)}
      </ul>
    </section>
  );
}

type Detail = { kind: 'sort' | 'report' | 'undo'; order: string };

function Scanner({ scan }: { scan: (text: string) => boolean }) {
  const text = useSignal('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form class="stack" onSubmit={(e) => {
      e.preventDefault();
      if (scan(text.value)) text.value = '';
      field.current?.focus();
    }}>
      <label for="scan">{w.field}</label>
      <div class="row nowrap">
        <input id="scan" ref={field} autocomplete="off" spellcheck={false} value={text} onInput={(e) => (text.value = e.currentTarget.value)} />
        <button class="main">{w.enter}</button>
      </div>
    </form>
  );
}

function Answer({ found: { bag, bin, wrong, already } }: { found: Found }) {
  return (
    <div class={`answer stack ${wrong ? 'wrong' : 'right'}`}>
      <p class="letters">{bin}</p>
      {wrong && <p class="note bad"><b>{w.wrong(bin, wrong)}</b></p>}
      <p>
        #{bag.order.number} · {bag.order.address} · {bag.bag ? w.ofBags(bag.bag, bag.order.bags) : w.bags(bag.order.bags)}
        {bag.order.marks.map((m) => <b key={m}> {said(marks[m], m)}</b>)} {already && <span class="faint">({w.already})</span>}
      </p>
      <p class="row">
        <button onClick={() => tell(bag, 'DAMAGED', 1, ['破损', 'damaged'])}>{w.damaged}</button>
        <button id="not-here" onClick={() => void notHere(bag)}>{w.notHere}</button>
      </p>
    </div>
  );
}

type Row = { building: { id: string; code: string }; expected: number; atGate: number; sorted: number; settling: number; missing: number };

function Missing({ rows }: { rows: readonly Row[] }) {
  return (
    <section class="stack" id="missing">
      <h2>{w.missing}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={w.missing}>
        <table>
          <thead><tr><th scope="col">{w.building}</th><th scope="col">{w.expected}</th><th scope="col">{w.atGate}</th><th scope="col">{w.sorted}</th><th scope="col">{w.settling}</th><th scope="col">{w.short}</th></tr></thead>
          <tbody>{rows.map((r) => <tr key={r.building.id}><th scope="row">{r.building.code}</th><td>{r.expected}</td><td>{r.atGate}</td><td>{r.sorted}</td><td>{r.settling}</td><td>{r.missing}</td></tr>)}</tbody>
        </table>
      </div>
    </section>
  );
}

async function takeBack(a: Act) {
  if (await withdraw(a)) return;
  await add(undo, { page: 'sorting', input: {}, needs: [{ of: a.key, from: ['batchId'], to: 'batchId' }], says: [`撤回（${a.says[0]}）`, `Taken back (${a.says[1]})`], detail: { kind: 'undo', order: '' } satisfies Detail });
}

/** The keys of the acts that were taken back. */
const takenBack = () => new Set(acts.value.filter((a) => a.page === 'sorting' && a.state !== 'refused').flatMap((a) => a.needs.map((n) => n.of)));

function Scanned() {
  const mine = acts.value.filter((a) => a.page === 'sorting' && a.state !== 'refused').slice(-30).reverse();
  const taken = takenBack();
  if (mine.length === 0) return null;
  return (
    <details id="done">
      <summary>{w.done(mine.length)}</summary>
      <ul class="stack">
        {mine.map((a) => (
          <li key={a.seq} class="row">
            <span>{said(a.says)} <span class="faint">{clock(estateOf(a.at))} {open(a) ? `· ${w.toSend}` : ''}</span></span>
            {(a.detail as Detail).kind === 'sort' && !taken.has(a.key) && <button onClick={() => void takeBack(a)}>{w.undo}</button>}
          </li>
        ))}
      </ul>
    </details>
  );
}
