// The state of the board that is shown: one signal for each tile, so that a change draws only what changed.
import { type Signal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';

import { ask } from '../shared/api';
import { hear } from '../shared/time';
import { me } from '../shared/viewer';
import { type Alert, alertsStream, arrivalsStream, type Board, boardStream, type Event, eventsStream, lastMoves, type Truck } from './operations';
import { perFrame, watch } from './watch';

type Stage = Board['stages'][number]['stage'];

/** One building as its tile shows it. */
export type Tile = {
  id: string; code: string; open: number; delivered: number; held: number; late: number; withoutHolder: number;
  /** How many of the late ones have risen above the volunteers, because they stayed late. */
  raised: number;
  /** No supply volunteer is reachable. */
  uncovered: boolean;
  stages: { stage: Stage; count: number }[];
  /** The longest waiting order that is at the gate or beyond. */
  oldest: { stage: Stage; since: string } | null;
};

/** The numbers of the whole community. */
export type Sums = Pick<Board, 'at' | 'open' | 'deliveredToday' | 'held' | 'late' | 'withoutHolder' | 'expectedClearAt' | 'plan' | 'stages' | 'onShift'> & { uncovered: number };

/** One line of the ticker. */
export type News = { key: string; at: string; number: number; orderId: string; kind: Event['kind']; reason: Event['reason']; stage: Event['order']['stage']; buildingId: string };

const before: readonly Stage[] = ['PLACED', 'DISPATCHED'];
const newest = 12; // lines of the ticker

/** What the streams of one community say, as signals. */
export class State {
  readonly ids = signal<readonly string[]>([]);
  readonly sums = signal<Sums | null>(null);
  readonly alerts = signal<readonly Alert[] | null>(null);
  readonly trucks = signal<readonly Truck[] | null>(null);
  readonly news = signal<readonly News[]>([]);
  readonly refused = signal<string | null>(null);

  private readonly tiles = new Map<string, Signal<Tile>>();
  private readonly draw = perFrame();
  private board: Board | null = null;
  private heard: readonly Alert[] = [];
  private ticker: News[] = [];
  private drawn = 0; // when the ticker was drawn last
  private later: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly community: string) {}

  tile(id: string): Signal<Tile> | undefined {
    return this.tiles.get(id);
  }

  code(buildingId: string): string {
    return this.tiles.get(buildingId)?.peek().code ?? '';
  }

  /** Opens the streams. It returns a function that closes them. */
  run(): () => void {
    const failed = (why: string) => (this.refused.value = why);
    const v = { c: this.community };
    let over = false;
    const stops = [
      watch(boardStream, v, ({ board }) => {
        this.board = board;
        this.draw('board', () => this.showBoard());
      }, failed),
      watch(alertsStream, v, ({ alerts }) => {
        if (JSON.stringify(alerts) === JSON.stringify(this.heard) && this.alerts.peek()) return;
        this.heard = alerts;
        this.draw('alerts', () => {
          this.alerts.value = this.heard;
          this.showTiles();
        });
      }, failed),
      watch(arrivalsStream, v, ({ arrivals }) => this.draw('trucks', () => (this.trucks.value = arrivals)), failed),
    ];
    const follow = (after: string | null) => {
      if (!over) stops.push(watch(eventsStream, { ...v, after }, ({ orderEvents }) => this.tell(orderEvents), failed));
    };
    ask(lastMoves, v).then(({ orders }) => {
      this.ticker = orders.nodes.map((o) => ({ key: `${o.id} moved`, at: o.movedAt, number: o.number, orderId: o.id, kind: 'ORDER_MOVED', reason: null, stage: o.stage, buildingId: o.building.id }));
      this.drawNews();
      follow(orders.feedCursor);
    }, () => follow(null));
    return () => {
      over = true;
      clearTimeout(this.later);
      stops.forEach((stop) => stop());
    };
  }

  private showBoard() {
    const b = this.board!;
    hear(b.at);
    this.showTiles();
    const { at, open, deliveredToday, held, late, withoutHolder, expectedClearAt, plan, stages, onShift } = b;
    this.sums.value = { at, open, deliveredToday, held, late, withoutHolder, expectedClearAt, plan, stages, onShift, uncovered: b.uncovered.length };
  }

  // showTiles writes the tiles that differ from what they show.
  private showTiles() {
    if (!this.board) return;
    const uncovered = new Set(this.board.uncovered.map((u) => u.id));
    const commands = me.peek()?.role !== 'LEAD';
    const lates = new Map<string, { low: number; high: number }>();
    for (const a of this.heard) {
      if (a.kind !== 'LATE' || !a.building) continue;
      const n = lates.get(a.building.id) ?? { low: 0, high: 0 };
      if (a.level === 'VOLUNTEER') n.low++;
      else n.high++;
      lates.set(a.building.id, n);
    }
    for (const b of this.board.buildings) {
      const { id, code } = b.building;
      const here = b.stages.filter((s) => !before.includes(s.stage) && s.oldestSince);
      const oldest = here.reduce<Tile['oldest']>((o, s) => (o && o.since <= s.oldestSince! ? o : { stage: s.stage, since: s.oldestSince! }), null);
      // A lead is not sent the incidents of the command: what is late beyond those of the volunteers has risen.
      const n = lates.get(id) ?? { low: 0, high: 0 };
      const raised = commands ? Math.min(n.high, b.late) : Math.max(0, b.late - n.low);
      const tile: Tile = {
        id, code, open: b.open, delivered: b.deliveredToday, held: b.held, late: b.late, withoutHolder: b.withoutHolder, raised, uncovered: uncovered.has(id),
        stages: b.stages.map(({ stage, count }) => ({ stage, count })), oldest,
      };
      const shown = this.tiles.get(id);
      if (!shown) this.tiles.set(id, signal(tile));
      else if (JSON.stringify(shown.peek()) !== JSON.stringify(tile)) shown.value = tile;
    }
    const ids = this.board.buildings.map((b) => b.building.id);
    if (ids.join() !== this.ids.peek().join()) {
      for (const id of this.tiles.keys()) if (!ids.includes(id)) this.tiles.delete(id);
      this.ids.value = ids;
    }
  }

  // tell puts an event on top of the ticker, which keeps the newest lines only.
  private tell(e: Event) {
    const { orderId, number, stage, buildingId } = e.order;
    this.ticker.unshift({ key: e.cursor, at: e.at, number, orderId, kind: e.kind, reason: e.reason, stage, buildingId });
    this.ticker.length = Math.min(this.ticker.length, newest);
    // Four times a second is as fast as people read; hundreds of events come in that time on a busy day.
    this.later ??= setTimeout(() => {
      this.later = undefined;
      this.drawNews();
    }, Math.max(0, this.drawn + 250 - Date.now()));
  }

  private drawNews() {
    this.drawn = Date.now();
    this.draw('news', () => (this.news.value = this.ticker.slice()));
  }
}

/** The state of a community while the component is shown. */
export function useBoard(community: string): State {
  const state = useMemo(() => new State(community), [community]);
  useEffect(() => state.run(), [state]);
  return state;
}
