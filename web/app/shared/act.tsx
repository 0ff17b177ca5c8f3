import { useSignal } from '@preact/signals';

import { words } from './language';

const w = words({
  sending: ['正在发送…', 'Sending…'],
  retrying: ['没有网络，恢复后自动发送。', 'No connection. It will be sent when the connection is back.'],
});

type Refusal = { readonly message: string };
type Outcome = { readonly userErrors: readonly Refusal[]; readonly results?: readonly { readonly userErrors: readonly Refusal[] }[] };

/** An act of the page with what became of it: a sentence to show beside its button. run reports whether it was done. */
export function useAct() {
  const busy = useSignal(false);
  const said = useSignal<string | null>(null);
  const refused = useSignal(false);
  async function run(send: (failed: () => void) => Promise<Outcome>, done: string | null = null): Promise<boolean> {
    busy.value = true;
    refused.value = false;
    said.value = w.sending;
    let problem: string | undefined;
    try {
      const got = await send(() => (said.value = w.retrying));
      problem = [...got.userErrors, ...(got.results ?? []).flatMap((r) => r.userErrors)].map((e) => e.message)[0];
    } catch (e) {
      problem = e instanceof Error ? e.message : String(e);
    }
    busy.value = false;
    refused.value = problem !== undefined;
    said.value = problem ?? done;
    return problem === undefined;
  }
  return { busy, said, refused, run };
}

export type Act = ReturnType<typeof useAct>;

/** What became of an act, beside its button. */
export const Said = ({ of }: { of: Act }) => <p role="status" class={of.refused.value ? 'refused' : 'faint'} hidden={!of.said.value}>{of.said}</p>;
