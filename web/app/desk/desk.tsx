import { useComputed, useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';

import { act, useLive } from '../shared/api';
import { words } from '../shared/language';
import { Frame, SignedIn } from '../shared/page';
import { newKey } from '../shared/store';
import { lineOf, me } from '../shared/viewer';
import { CallCard } from './call';
import { about, forget, ownedBy } from './draft';
import { LogForm } from './log';
import { type Call, queue, take } from './operations';
import { QueueList } from './queue';

const w = words({
  next: ['下一个', 'Next'],
  noneDue: ['现在没有到时间的来电。', 'No call is due now.'],
  none: ['没有接手的来电。按“下一个”接手一个，十分钟内只归您。', 'You have no call. “Next” gives you one, for ten minutes.'],
});

export function DeskPage() {
  return (
    <Frame title={['电话台', 'Phone desk']}>
      <SignedIn page="desk"><Desk /></SignedIn>
    </Frame>
  );
}

/** The call that this member has: as taken, with the number to call back. */
export type Taken = { call: Call; callBack: string | null };

function Desk() {
  const community = me.value!.community!.id;
  const mine = me.value!.volunteer?.id;
  useMemo(() => ownedBy(`${mine ?? lineOf(me.value!)} ${community}`), [mine, community]);
  const live = useLive(queue, { community });
  const taken = useSignal<Taken | null>(null);
  const said = useSignal<(() => string) | null>(null); // in the language shown
  const refused = useSignal<string | null>(null);
  const busy = useSignal(false);

  async function takeOne(enquiryId?: string) {
    if (busy.value) return;
    busy.value = true;
    refused.value = said.value = null;
    try {
      const { takeEnquiry: got } = await act(take, { input: { clientMutationId: newKey(), communityId: community, ...(enquiryId ? { enquiryId } : {}) } });
      if (got.userErrors[0]) refused.value = got.userErrors[0].message;
      else if (!got.enquiry) said.value = () => w.noneDue;
      else {
        about(got.enquiry.id);
        taken.value = { call: got.enquiry, callBack: got.callBack };
      }
    } catch (e) {
      refused.value = (e as Error).message;
    } finally {
      busy.value = false;
    }
  }

  // done shows what became of the call, and offers the next one.
  function done(text: () => string) {
    forget();
    taken.value = null;
    said.value = text;
  }

  // After a reload the member goes on with the call that is still theirs.
  const still = useComputed(() => live.value.data?.callQueue.enquiries.find((e) => e.state === 'TAKEN' && e.takenBy?.id === mine)?.id ?? null);
  useEffect(() => {
    if (still.value && !taken.value) void takeOne(still.value);
  }, [still.value]);

  useEffect(() => {
    const heard = (e: KeyboardEvent) => {
      if (e.altKey && e.code === 'KeyN' && !taken.value) {
        e.preventDefault();
        void takeOne();
      }
    };
    addEventListener('keydown', heard);
    return () => removeEventListener('keydown', heard);
  }, []);

  return (
    <div class="desk">
      <section aria-live="polite">
        {said.value && <p class="note good" id="said" role="status">{said.value()}</p>}
        {refused.value && <p class="note bad" role="alert">{refused}</p>}
        {taken.value
          ? <CallCard key={taken.value.call.id} taken={taken.value} again={() => takeOne(taken.value!.call.id)} done={done} />
          : (
            <>
              <p>{w.none}</p>
              <p><button id="next" class="main" autofocus aria-keyshortcuts="Alt+N" disabled={busy.value} onClick={() => takeOne()}>{w.next} <kbd>Alt+N</kbd></button></p>
              <LogForm community={community} logged={(text, waits) => {
                said.value = text;
                if (waits) void takeOne(waits);
              }} />
            </>
          )}
      </section>
      <QueueList queue={live.value.data?.callQueue ?? null} error={live.value.error} mine={mine} takes={taken.value ? null : takeOne} />
    </div>
  );
}
