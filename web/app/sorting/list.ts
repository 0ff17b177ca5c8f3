import type { Manifest } from './operations';

export type Bag = { order: Order; building: { id: string; code: string }; bag: number | null };
export type Order = Manifest['sortingManifest']['buildings'][number]['orders'][number];
export type Bin = Manifest['bins']['nodes'][number];

/** The kept manifest, to look bags up in. */
export class List {
  private readonly byId = new Map<string, Bag>();
  private readonly byNumber = new Map<number, Bag>();
  readonly bins: readonly Bin[];

  constructor(m: Manifest) {
    this.bins = m.bins.nodes;
    for (const { building, orders } of m.sortingManifest.buildings) {
      for (const order of orders) {
        const b = { order, building, bag: null };
        this.byId.set(order.id, b);
        this.byNumber.set(order.number, b);
      }
    }
  }

  /** Finds the bag of a QR code (order/bag), a label's text (… 1/2 · #241-0) or a number (241, #241-0); null if the list has none. */
  find(text: string): Bag | null {
    const said = text.normalize('NFKC').trim();
    const [, id, bag] = /^(\S+)\/(\d+)$/.exec(said) ?? [];
    const known = id ? this.byId.get(id) : undefined;
    if (known) return { ...known, bag: Number(bag) };
    const number = /#(\d+)(?:-\d)?$/.exec(said)?.[1] ?? /^(\d+)(?:-\d)?$/.exec(said)?.[1];
    const of = number ? this.byNumber.get(Number(number)) : undefined;
    return of ? { ...of, bag: Number(/\s(\d+)\/\d+ ·/.exec(said)?.[1] ?? NaN) || null } : null;
  }

  /** The order with an id, without saying which of its bags; null if the list has none. */
  get(order: string): Bag | null {
    return this.byId.get(order) ?? null;
  }

  /** The bin that an order goes to: of its building, of its unit rather than of all, and cold if the goods are. */
  binOf({ order, building }: Bag): Bin | null {
    const cold = order.marks.includes('COLD');
    const fits = this.bins.filter((b) => b.building.id === building.id && (!b.unit || b.unit.id === order.orderUnit?.id));
    const worth = (b: Bin) => (b.cold === cold ? 2 : 0) + (b.unit ? 1 : 0);
    return fits.sort((a, b) => worth(b) - worth(a))[0] ?? null;
  }
}
