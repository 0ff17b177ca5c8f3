import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { unreadable } from '../shared/follow';
import { words } from '../shared/language';
import { Frame, SignedIn } from '../shared/page';
import { me } from '../shared/viewer';
import { Arrivals } from './arrivals';
import { Imports } from './imports';
import { followOrders, lists } from './orders';
import { Stages } from './stages';
import { type Announcing, Coming, ToSend } from './tosend';
import { Windows } from './windows';

const w = words({
  loading: ['正在载入…', 'Loading…'],
});

export function SupplierPage() {
  const supplier = me.value?.supplier?.id;
  const community = supplier && me.value?.community?.id;
  useEffect(() => (community ? followOrders(community) : undefined), [community, supplier]);
  const got = lists.value;
  return (
    <Frame title={['供货', 'Supply']} class="supplier">
      <SignedIn page="supplier">
        {got ? <Parts of={got} /> : <p role="status">{unreadable.value ?? w.loading}</p>}
      </SignedIn>
    </Frame>
  );
}

function Parts({ of }: { of: NonNullable<typeof lists.value> }) {
  const announcing: Announcing = useSignal(null);
  return (
    <div class="stack">
      <Stages />
      <ToSend list={of.PLACED} announcing={announcing} />
      <Coming list={of.DISPATCHED} announcing={announcing} />
      <Arrivals />
      <Windows />
      <Imports />
    </div>
  );
}
