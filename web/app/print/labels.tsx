import { marksOf } from './marks';
import type { Labelled } from './operations';

/** A label for each bag: the door in large letters, the rest of its text, the marks, and the QR code. */
export function Labels({ orders }: { orders: readonly Labelled[] }) {
  return (
    <div class="labels">
      {orders.flatMap((o) => o.bagLabels.map(({ text, qr }) => {
        const [door = '', ...rest] = text.split(' · ');
        return (
          <div key={text} class="label">
            <b class={door.length > 10 ? 'long' : ''}>{door}</b>
            <p><span class="marks">{marksOf(o)}</span>{rest.map((part) => <span key={part}>{part}</span>)}</p>
            <img src={`data:image/svg+xml,${encodeURIComponent(qr)}`} alt="" />
          </div>
        );
      }))}
    </div>
  );
}
