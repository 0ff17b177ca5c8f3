import { language, said, words } from '../shared/language';
import { stages } from '../shared/terms';
import { clock } from '../shared/time';
import type { Order } from './orders';
import { holdWord } from './terms';

const w = words({
  several: [(first: string, n: string) => `${first}等 ${n} 样`, (first: string, n: string) => `${first} and ${n} more`],
  nothing: ['订单', 'goods'],
  begins: [(goods: string) => `您的${goods}`, (goods: string) => `Your order of ${goods}`],
  held: [(why: string) => `暂停配送（${why}）`, (why: string) => `is paused for now (${why})`],
  until: [(t: string) => `预计 ${t} 恢复`, (t: string) => `It should go on at ${t}`],
  ahead: [(n: number) => `前面还有 ${n} 单`, (n: number) => (n === 1 ? '1 order before yours' : `${n} orders before yours`)],
  next: ['接下来就是您的', 'Yours is next'],
  about: [(t: string) => `大约 ${t} 送到`, (t: string) => `About ${t}`],
});

const where = words({
  PLACED: ['下单成功，等待发货', 'is placed and waits for the supplier'],
  TAKEN: ['已登记，由队员去办', 'is placed; a volunteer takes care of it'],
  DISPATCHED: ['正在送往小区', 'is on its way to the estate'],
  AT_GATE: ['到小区门口了', 'is at the gate'],
  SORTED: ['分拣好了，等待送到楼下', 'is sorted and waits for the cart'],
  AT_BUILDING: ['已到楼下', 'is at your building'],
  OUT_FOR_DELIVERY: ['正在送上门', 'is coming up the stairs'],
});

/** The goods of an order in a few words: "上海青等 2 样". */
export function goodsOf(lines: readonly { readonly item: string }[]): string {
  const [first] = lines;
  if (!first) return w.nothing;
  return lines.length === 1 ? first.item : w.several(first.item, String(language.value === 'zh' ? lines.length : lines.length - 1));
}

/** Where an order is, as one sentence for a person: "Your order of 上海青 is at the gate. 14 orders before yours. About 15:40." */
export function sentenceOf(o: Order): string {
  const stage = o.stage === 'PLACED' && (o.channel === 'BUY_FOR' || o.channel === 'ERRAND') ? 'TAKEN' : o.stage;
  const [hold] = o.holds;
  const parts = [`${w.begins(goodsOf(o.lines))}${language.value === 'zh' ? '' : ' '}${
    o.held ? w.held(hold ? holdWord(hold.reason) : said(stages[o.stage], o.stage)) : stage in where ? where[stage as keyof typeof where] : said(stages[o.stage], o.stage)}`];
  const ends = o.holds.map((h) => h.until);
  if (o.held && ends.length > 0 && ends.every((e) => e !== null)) parts.push(w.until(clock(ends.sort().at(-1)!)));
  if (!o.held && o.ahead !== null) parts.push(o.ahead === 0 ? w.next : w.ahead(o.ahead));
  if (o.expectedAt) parts.push(w.about(clock(o.expectedAt)));
  return parts.map((p) => (language.value === 'zh' ? `${p}。` : `${p}.`)).join(language.value === 'zh' ? '' : ' ');
}
