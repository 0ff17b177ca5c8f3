import './needs.css';

import { useSignal } from '@preact/signals';

import { CommunityChoice, useCommunity } from '../shared/choice';
import { dayAfter } from '../shared/day';
import { Frame, SignedIn } from '../shared/page';
import { zone } from '../shared/time';
import { me } from '../shared/viewer';
import { Demand } from './demand';
import { Expected } from './forecast';
import { Gap } from './gap';
import { Hands } from './hands';
import { Households } from './households';
import { Reach } from './reach';
import { Unmet } from './unmet';

export function NeedsPage() {
  return (
    <Frame title={['需求', 'Needs']} class="needs">
      <SignedIn page="needs"><Needs /></SignedIn>
    </Frame>
  );
}

// Leads, the commander and administrators, as the rules say. Members of the phone desk see only who is not reached, and what households need.
const seesDemand = () => me.value?.role !== 'VOLUNTEER';

// The phone desk, the commander and administrators, as the rules say.
const seesNeeds = () => me.value?.role !== 'LEAD' || me.value.volunteer?.squad === 'PERSUASION';

/** What is needed in a community: each section reads its own numbers, so that one refusal leaves the others. */
function Needs() {
  const community = useCommunity();
  const tomorrow = useSignal<string | null>(null); // in the community's zone, as the server says
  return (
    <div class="stack">
      <CommunityChoice chosen={community} />
      {community.value && (
        <div class="stack" key={`${community.value} ${zone.value}`}>
          {seesDemand() && <Expected community={community.value} tomorrow={tomorrow} />}
          {tomorrow.value && <Hands community={community.value} day={tomorrow.value} />}
          {tomorrow.value && <Demand community={community.value} today={dayAfter(tomorrow.value, -1)} />}
          {seesDemand() && <Gap community={community.value} />}
          {tomorrow.value && <Unmet community={community.value} today={dayAfter(tomorrow.value, -1)} />}
          <Reach community={community.value} />
          {seesNeeds() && <Households community={community.value} />}
        </div>
      )}
    </div>
  );
}
