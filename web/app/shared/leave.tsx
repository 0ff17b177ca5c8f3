import { useSignal } from '@preact/signals';

import { words } from './language';
import { part } from './part';
import { signOut } from './session';
import { store } from './store';

const w = words({
  signOut: ['退出', 'Sign out'],
  waits: [(n: number) => `还有 ${n} 条未发送。退出后不会发送，直到重新登录。`, (n: number) => `${n} not sent yet. They are sent when you sign in again, not before.`],
  anyway: ['仍要退出', 'Sign out anyway'],
  stay: ['不退出', 'Stay'],
});

/** Signs out, after a warning if acts wait to be sent. */
export function Leave() {
  const waits = useSignal(0);
  async function leave(anyway: boolean) {
    const device = await part(() => import('./device')).catch(() => null); // without a network, on a page that never needed it
    const n = (await device?.waitingHere()) ?? 0;
    if (n > 0 && !anyway) return void (waits.value = n);
    waits.value = 0;
    await device?.forgetOthers(null);
    for (const draft of ['desk', 'desk-log']) store.set(draft, null); // the next person here does not go on with them; an order of /my may still have to be sent
    signOut();
  }
  if (waits.value === 0) return <button id="leave" onClick={() => void leave(false)}>{w.signOut}</button>;
  return (
    <span class="row" role="alert" id="waits">
      <span>{w.waits(waits.value)}</span>
      <button onClick={() => void leave(true)}>{w.anyway}</button>
      <button onClick={() => (waits.value = 0)}>{w.stay}</button>
    </span>
  );
}
