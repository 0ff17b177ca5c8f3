import { type Signal, useSignal } from '@preact/signals';
import { type ComponentChildren, Fragment } from 'preact';
import { useEffect } from 'preact/hooks';

import { ask } from './api';
import { graphql } from './graphql';
import { words } from './language';
import { pagesOf } from './pagesof';
import { zone } from './time';
import { me } from './viewer';

const w = words({
  community: ['小区', 'Community'],
  choose: ['请选择小区', 'Choose a community'],
  none: ['还没有小区。', 'There is no community yet.'],
});

const communities = graphql(`
  query Communities($after: String) {
    communities(first: 200, after: $after) { nodes { id code name timeZone archivedAt } pageInfo { hasNextPage endCursor } }
  }
`);

type Community = { id: string; code: string; name: string; timeZone: string };

/** The community that the page is about: the viewer's own, or the one that an administrator chooses, at first that of the address (?community=); null before. */
export function useCommunity(): Signal<string | null> {
  return useSignal<string | null>(me.value?.community?.id ?? new URLSearchParams(location.search).get('community'));
}

/** Lets an administrator choose a community. Other people have one community, and see no choice. Calls none with whether there is no community at all. */
export function CommunityChoice({ chosen, none = () => {} }: { chosen: Signal<string | null>; none?: (really: boolean) => void }) {
  const all = useSignal<Community[] | null>(null);
  const refused = useSignal<string | null>(null);
  const needed = me.value?.community == null;
  useEffect(() => {
    if (!needed) return;
    void (async () => {
      const list: Community[] = (await pagesOf(async (after) => (await ask(communities, { after })).communities)).filter((c) => !c.archivedAt);
      all.value = list;
      none(list.length === 0);
      if (chosen.value) pick(list.some((c) => c.id === chosen.value) ? chosen.value : '');
      else if (list.length === 1) pick(list[0]!.id);
    })().catch((e: Error) => (refused.value = e.message));
  }, [needed]);
  if (!needed) return null;
  const pick = (id: string) => {
    chosen.value = id || null;
    zone.value = all.value?.find((c) => c.id === id)?.timeZone;
  };
  if (all.value?.length === 0) return <p class="noprint">{w.none}</p>;
  return (
    <div class="noprint">
      {refused.value && <p class="refused" role="alert">{refused}</p>}
      <label for="community">{w.community}</label>
      <select id="community" required value={chosen.value ?? ''} onChange={(e) => pick(e.currentTarget.value)}>
        <option value="">{w.choose}</option>
        {all.value?.map((c) => <option key={c.id} value={c.id}>{c.name} {c.code}</option>)}
      </select>
    </div>
  );
}

/** Shows what is about one community, from the beginning each time: the viewer's own, or the one that an administrator chooses. */
export function InCommunity({ children }: { children: (community: string) => ComponentChildren }) {
  const chosen = useCommunity();
  return (
    <div class="stack">
      <CommunityChoice chosen={chosen} />
      {chosen.value && <Fragment key={`${chosen.value} ${zone.value}`}>{children(chosen.value)}</Fragment>}
    </div>
  );
}
