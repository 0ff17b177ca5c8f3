import { useSignal } from '@preact/signals';

import { act } from '../shared/api';
import { Said, useAct } from '../shared/act';
import type { ResultOf } from '../shared/graphql';
import { newKey } from '../shared/store';
import { clock } from '../shared/time';
import { type Answer, type Input, planDay } from './operations';
import { w } from './terms';

type Answered = ResultOf<typeof planDay>['planDay'];
type PlanProps = { input: () => Input; complete: () => boolean; answer: Answer | null; busy: boolean };

/** Makes the scenario of the form the plan of its day, with as many replications as the server allows. */
export function Plan({ input, complete, answer, busy }: PlanProps) {
  const done = useAct();
  const key = useSignal({ of: '', key: '' }).value;

  async function plan() {
    if (!complete()) return;
    const scenario = { ...input(), compare: false };
    // The key stays the same for the same scenario, until it is rehearsed again with another outcome: then the community's rows have changed.
    const of = JSON.stringify([scenario, answer?.clearMedian, answer?.chanceAllBy, answer?.orders]);
    if (key.of !== of) Object.assign(key, { of, key: newKey() });
    let told: (() => string) | null = null;
    const planned = await done.run(async (failed) => {
      for (let n: number | null = null; ; ) {
        const got: Answered = (await act(planDay, { input: { clientMutationId: n ? `${key.key}-${n}` : key.key, communityId: scenario.communityId, scenario: { ...scenario, ...(n && { replications: n }) } } }, failed)).planDay;
        const plan = got.plan;
        if (plan) told = () => w.planned(plan.day, plan.clearAtPlanned && clock(plan.clearAtPlanned), clock(plan.allBy), Math.round(100 * plan.chanceAllBy));
        const [refusal]: Answered['userErrors'] = got.userErrors;
        const most: number = refusal?.reason === 'SCENARIO_TOO_LARGE' ? Number(refusal.message.match(/\d+/g)?.at(-1)) : 0;
        if (!(most >= 1) || (n !== null && most >= n)) return got;
        n = most;
      }
    });
    if (!planned) return;
    key.of = ''; // planning again is another act
    done.said.value = told;
  }
  return (
    <>
      <p class="row"><button type="button" id="plan" disabled={busy || done.busy.value} onClick={() => void plan()}>{w.plan}</button></p>
      <div id="planned"><Said of={done} /></div>
    </>
  );
}
