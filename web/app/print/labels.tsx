import { marksOf } from './marks';
import type { Labelled } from './operations';

/** How wide a text is, in columns of a Latin letter. Chinese letters take two. */
const columns = (text: string) => [...text].reduce((sum, c) => sum + (c.codePointAt(0)! > 0xff ? 2 : 1), 0);

/** The class of a door's text: long ones are printed smaller, so that the whole door is on its label. */
const sizeOf = (door: string) => (columns(door) > 34 ? 'longest' : columns(door) > 14 ? 'long' : '');

/** A label for each bag, ten to a sheet of A4: the door in large letters, the rest of its text, the marks, and the QR code. */
export function Labels({ orders }: { orders: readonly Labelled[] }) {
  return (
    <div class="labels">
      {orders.flatMap((o) => o.bagLabels.map(({ text, qr }) => {
        const [door = '', ...rest] = text.split(' · ');
        return (
          <div key={text} class="label">
            <b class={sizeOf(door)}>{door}</b>
            <p><span class="marks">{marksOf(o)}</span>{rest.map((part) => <span key={part}>{part}</span>)}</p>
            <img src={`data:image/svg+xml,${encodeURIComponent(qr)}`} alt="" />
          </div>
        );
      }))}
    </div>
  );
}
