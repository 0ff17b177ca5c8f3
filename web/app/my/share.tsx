import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { Said, useAct } from '../shared/act';
import { act } from '../shared/api';
import { graphql } from '../shared/graphql';
import { words } from '../shared/language';
import { newKey } from '../shared/store';

const w = words({
  what: ['拿到链接的人可以看到此单的进度，看不到姓名、电话和物品，订单结束一天后失效。', 'Everyone who has the link sees how far the order is, but no names, telephone numbers or goods. It ends a day after the order.'],
  send: ['发给家人', 'Send it'],
  copy: ['复制链接', 'Copy the link'],
  copied: ['已复制。', 'Copied.'],
  link: ['链接', 'Link'],
  qr: ['此链接的二维码', 'The link as a QR code'],
  title: [(n: string) => `订单 #${n} 的进度`, (n: string) => `Progress of order #${n}`],
});

const shareOrder = graphql(`
  mutation Share($input: ShareOrderInput!) {
    shareOrder(input: $input) { results { url qr userErrors { message } } userErrors { message } }
  }
`);

type Link = { url: string; qr: string | null };

/** Makes a link to one order's progress, and offers to send it, to copy it, and to scan it. */
export function Share({ order, number }: { order: string; number: number }) {
  const link = useSignal<Link | null>(null);
  const copied = useSignal('');
  const making = useAct();
  useEffect(() => {
    const input = { clientMutationId: newKey(), orderId: order };
    void making.run(async (failed) => {
      const got = (await act(shareOrder, { input }, failed)).shareOrder;
      const [first] = got.results;
      if (first?.url) link.value = { url: first.url, qr: first.qr };
      return got;
    });
  }, []);
  const title = w.title(String(number));
  const shown = link.value;
  return (
    <div class="panel stack share">
      <p>{w.what}</p>
      <Said of={making} />
      {shown && (
        <>
          <label>{w.link}<input class="url" readOnly value={shown.url} onFocus={(e) => e.currentTarget.select()} /></label>
          <div class="row">
            {'share' in navigator && <button class="main" onClick={() => void navigator.share({ title, url: shown.url }).catch(() => {})}>{w.send}</button>}
            <button onClick={() => void navigator.clipboard?.writeText(shown.url).then(() => (copied.value = w.copied))}>{w.copy}</button>
            <span role="status">{copied}</span>
          </div>
          {shown.qr && <img class="qr" alt={w.qr} src={`data:image/svg+xml,${encodeURIComponent(shown.qr)}`} />}
        </>
      )}
    </div>
  );
}
