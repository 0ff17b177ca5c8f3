import { useSignal } from '@preact/signals';

import { said as inLanguage, words } from './language';

const w = words({
  sending: ['正在发送…', 'Sending…'],
  retrying: ['没有网络，恢复后自动发送。', 'No connection. It will be sent when the connection is back.'],
});

type Refusal = { readonly message: string; readonly reason?: string; readonly field?: readonly string[] | null };
type Outcome = { readonly userErrors: readonly Refusal[]; readonly results?: readonly { readonly userErrors: readonly Refusal[] }[] };

/** A sentence: the server's, or the page's own in the language shown. */
type Sentence = string | (() => string);

/** The refusals of a text that do not say which. */
const ofText = ['BAD_TEXT', 'TOO_LONG', 'MISSING'];

/**
 * An act of the page with what became of it: a sentence to show beside its button. run reports whether it was done. fieldWord names the field of the
 * form that a refusal is about.
 */
export function useAct(fieldWord: (field: readonly string[]) => string | null = () => null) {
  const busy = useSignal(false);
  const said = useSignal<Sentence | null>(null);
  const refused = useSignal(false);
  async function run(send: (failed: () => void) => Promise<Outcome>, done: Sentence | null = null): Promise<boolean> {
    busy.value = true;
    refused.value = false;
    said.value = () => w.sending;
    let problem: Sentence | undefined;
    try {
      const got = await send(() => (said.value = () => w.retrying));
      const [first] = [...got.userErrors, ...(got.results ?? []).flatMap((r) => r.userErrors)];
      const { message, reason, field } = first ?? {};
      const named = field && ofText.includes(reason ?? '') && fieldWord(field) !== null;
      problem = named ? () => `${fieldWord(field)}${inLanguage(['：', ': '])}${message}` : message;
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
export const Said = ({ of }: { of: Act }) => <p role="status" class={of.refused.value ? 'refused' : 'faint'} hidden={!of.said.value}>{typeof of.said.value === 'function' ? of.said.value() : of.said.value}</p>;
