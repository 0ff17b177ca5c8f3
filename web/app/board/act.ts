import { type Signal, useSignal } from '@preact/signals';
import type { AnyVariables, TypedDocumentNode } from '@urql/core';

import { act } from '../shared/api';
import { words } from '../shared/language';
import { newKey } from '../shared/store';

const w = words({ retrying: ['连接中断，正在重试…', 'Connection lost, trying again…'] });

type Errors = readonly { message: string }[];
type Payload = { userErrors: Errors; results: readonly { userErrors: Errors }[] };

/** One act: its mutation and the input, which carries the key. */
type Act<V extends AnyVariables> = { mutation: TypedDocumentNode<Record<string, Payload>, V>; input: V extends { input: infer I } ? I : never };

/**
 * Sends one act after another and holds why the last one was refused, in the server's words. run returns whether everything took effect.
 */
export function useAct(): { busy: Signal<boolean>; refused: Signal<string>; run: <V extends AnyVariables>(of: (key: string) => Act<V>) => Promise<boolean> } {
  const busy = useSignal(false);
  const refused = useSignal('');
  async function run<V extends AnyVariables>(of: (key: string) => Act<V>): Promise<boolean> {
    busy.value = true;
    refused.value = '';
    try {
      const { mutation, input } = of(newKey());
      const payload = Object.values(await act(mutation, { input } as unknown as V, () => (refused.value = w.retrying)))[0]!;
      const errors = [...payload.userErrors, ...payload.results.flatMap((r) => r.userErrors)];
      refused.value = errors.map((e) => e.message).join(' ');
      return errors.length === 0;
    } catch (e) {
      refused.value = e instanceof Error ? e.message : String(e);
      return false;
    } finally {
      busy.value = false;
    }
  }
  return { busy, refused, run };
}
