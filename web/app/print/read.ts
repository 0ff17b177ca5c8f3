import { ask } from '../shared/api';
import { me } from '../shared/viewer';
import { arrivalLabels, type Building, communities, type Labelled, labelled, manifest } from './operations';

/** What is printed: a community, building, arrival or order. */
export type Subject = { kind: string; id: string };

/** Reads the orders to sort, building by building. An administrator belongs to no community: the one that has the subject answers. */
async function read(about: Subject, drawn: boolean) {
  const own = me.value!.community?.id ?? (about.kind === 'Community' ? about.id : null);
  const candidates = own ? [own] : (await ask(communities, {})).communities.nodes.map((c) => c.id);
  let refused: unknown;
  for (const community of candidates) {
    try {
      return (await ask(manifest, { community, drawn, arrival: about.kind === 'Arrival' ? about.id : null, building: about.kind === 'Building' ? about.id : null })).sortingManifest;
    } catch (e) {
      refused = e;
    }
  }
  if (refused) throw refused;
  return { cut: false, buildings: [] as readonly Building[] };
}

export async function readManifest(about: Subject) {
  const { cut, buildings } = await read(about, false);
  return { cut, buildings };
}

/** Reads the labels of what is to be sorted, of one order, or of a supplier's arrival. */
export async function readLabels(about: Subject): Promise<{ cut: boolean; labels: readonly Labelled[] }> {
  if (about.kind === 'Order') {
    const { order } = await ask(labelled, { order: about.id });
    return { cut: false, labels: order ? [order] : [] };
  }
  if (me.value!.role === 'SUPPLIER') return { cut: false, labels: about.kind === 'Arrival' ? (await ask(arrivalLabels, { arrival: about.id })).arrivalList.map((l) => l.order) : [] };
  const { cut, buildings } = await read(about, true);
  return { cut, labels: buildings.flatMap((b) => b.orders.map((o) => ({ ...o, bagLabels: o.bagLabels ?? [] }))) };
}
