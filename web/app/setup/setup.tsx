import './setup.css';

import { useSignal } from '@preact/signals';

import { CommunityChoice, useCommunity } from '../shared/choice';
import { address } from '../shared/address';
import { words } from '../shared/language';
import { Frame, SignedIn } from '../shared/page';
import { me } from '../shared/viewer';
import { NewCommunity } from './community';
import { DeskStep } from './desk';
import { EstateStep } from './estate';
import { PeopleStep } from './people';

const w = words({
  cards: ['3. 住户卡', '3. Household cards'],
  cardsWhy: ['每户一张，全家的手机都能用它看自家订单。', 'One for each household: every phone of the family follows its orders with it.'],
  issue: ['发卡并打印', 'Issue and print cards'],
});

export function SetupPage() {
  return (
    <Frame title={['小区设置', 'Set-up']}>
      <SignedIn page="setup"><Steps /></SignedIn>
    </Frame>
  );
}

/** The steps to a community that works: its estate, its people with their invitations, its cards. */
function Steps() {
  const community = useCommunity();
  const saved = useSignal(0); // imports that saved something: the people may have changed
  const all = useSignal(0); // communities added here: the choice is read again
  const none = useSignal(false); // the first community: its form is open
  return (
    <div class="steps">
      <CommunityChoice key={all.value} chosen={community} none={(really) => (none.value = really)} />
      {me.value?.role === 'ADMIN' && !me.value.community && <NewCommunity first={none.value} added={(id) => {
        all.value++;
        community.value = id;
      }} />}
      {community.value && (
        <>
          <EstateStep key={`e${community.value}`} community={community.value} saved={() => saved.value++} />
          <PeopleStep key={`p${community.value}${saved.value}`} community={community.value} />
          <section class="noprint">
            <h2>{w.cards}</h2>
            <p>{w.cardsWhy}</p>
            <p><a class="button main" id="cards" href={address(me.value?.community ? 'cards' : `cards?community=${community.value}`)}>{w.issue}</a></p>
          </section>
          <DeskStep key={`d${community.value}`} community={community.value} />
        </>
      )}
    </div>
  );
}
