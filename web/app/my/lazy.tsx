import { type Signal, useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';

import { words } from '../shared/language';
import { part } from '../shared/part';
import { pause } from '../shared/store';

const w = words({ loading: ['正在载入…', 'Loading…'] });

/** A component that is loaded when it is first shown; without a network it waits for one. */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>) {
  let loaded: ComponentType<P> | undefined;
  return function Lazily(props: P) {
    const ready: Signal<boolean> = useSignal(loaded !== undefined);
    useEffect(() => {
      let over = false;
      const tryIt = async (tries: number): Promise<void> => {
        try {
          loaded ??= await part(load);
          if (!over) ready.value = true;
        } catch {
          await pause(tries);
          if (!over) await tryIt(tries + 1);
        }
      };
      void tryIt(0);
      return () => void (over = true);
    }, []);
    if (!ready.value || !loaded) return <p role="status">{w.loading}</p>;
    const Loaded = loaded;
    return <Loaded {...props} />;
  };
}
