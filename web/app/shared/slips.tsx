import './slips.css';

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { words } from './language';
import { date, estateTime } from './time';

/** A code to cut out and hand over. */
export type Slip = { id: string; whose: string; secret: string; url: string; qr: string; expiresAt: string | null };

const w = words({
  notPrinted: ['尚未打印。码只显示这一次，请立即打印。', 'Not printed yet. The codes are shown only now: print them.'],
  printed: ['已送打印。离开此页后，码不再显示。', 'Sent to the printer. The codes are gone when you leave this page.'],
  print: [(n: number) => `打印 ${n} 张`, (n: number) => `Print ${n}`],
  more: ['这些码尚未打印，换新的以后就再也看不到了。仍要继续吗？', 'These codes are not printed, and cannot be shown again once they are replaced. Go on?'],
  goOn: ['继续，不打印', 'Go on without printing'],
});

/** Says that codes are shown which were not printed. Pages ask before they replace them. */
export function useUnprinted() {
  const unprinted = useSignal(false);
  useEffect(() => {
    const done = () => (unprinted.value = false);
    const leaving = (e: BeforeUnloadEvent) => unprinted.value && e.preventDefault();
    addEventListener('afterprint', done);
    addEventListener('beforeunload', leaving);
    return () => {
      removeEventListener('afterprint', done);
      removeEventListener('beforeunload', leaving);
    };
  }, []);
  return unprinted;
}

/** Warns before codes that were not printed are replaced, as a part of the page. */
export function UnprintedWarning({ goOn }: { goOn: () => void }) {
  return <p class="note warn row noprint" role="alert" id="not-printed"><span>{w.more}</span> <button type="button" id="go-on" onClick={goOn}>{w.goOn}</button></p>;
}

type SheetProps = { slips: Slip[]; community: string; kind: readonly [string, string]; unprinted: boolean };

/** A sheet of codes, ten to an A4 page: whose, what it is, the community, the code and its QR code, how to use it, from when and until when. */
export function Slips({ slips, community, kind, unprinted }: SheetProps) {
  if (slips.length === 0) return null;
  return (
    <>
      <p class="row noprint" id="done">
        <b id="unprinted">{unprinted ? w.notPrinted : w.printed}</b>
        <button type="button" id="print" class="main" onClick={() => print()}>{w.print(slips.length)}</button>
      </p>
      <div id="slips">{slips.map((s) => <OneSlip key={s.id} slip={s} community={community} kind={kind} />)}</div>
    </>
  );
}

// A slip is in both languages: who reads it is not known.
function OneSlip({ slip, community, kind }: { slip: Slip; community: string; kind: readonly [string, string] }) {
  const site = new URL(slip.url, document.baseURI);
  const place = site.host + site.pathname;
  const until = slip.expiresAt ? date(slip.expiresAt) : '';
  return (
    <div class="slip">
      <div>
        <b>{slip.whose}</b><br />{community}<br />{kind[0]} <small lang="en">{kind[1]}</small><br /><code>{slip.secret}</code>
      </div>
      <img src={`data:image/svg+xml,${encodeURIComponent(slip.qr)}`} alt="QR" />
      <div class="how">
        <p lang="zh-CN">扫码，或打开 {place} 输入此码。请勿转交他人。{date(estateTime())} 发出{until && `，${until} 前有效`}。</p>
        <p lang="en">Scan this, or open {place} and enter the code. Keep it to yourself. Issued {date(estateTime())}.{until && ` Valid until ${until}.`}</p>
      </div>
    </div>
  );
}
