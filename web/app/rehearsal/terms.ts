import { said, type Text, words } from '../shared/language';

/** The posts and squads as the answer names them. */
const posts: Readonly<Record<string, Text>> = { GATE: ['门口', 'Gate'], SORTING: ['分拣', 'Sorting'], TRANSPORT: ['推车', 'Carts'], BUILDING: ['上楼入户', 'Doors'] };
const squads: Readonly<Record<string, Text>> = { DUTY: ['值守（门口与分拣）', 'Duty (gate and sorting)'], TRANSPORT: ['运输（推车）', 'Transport (carts)'], SUPPLY: ['保供（上楼）', 'Supply (doors)'] };
const steps: Readonly<Record<string, Text>> = {
  TRUCK_DELAY: ['车辆晚到', 'Trucks come after their time by'], UNLOAD: ['门口卸货（每车）', 'Unloading a truck'], GATE: ['门口清点一袋', 'Counting a bag at the gate'], OVERLOOKED: ['漏分的订单在门口停留', 'Overlooked orders stand at the gate for'],
  SORT: ['分拣一单', 'Sorting an order'], DOOR: ['入户一单', 'A hand-over at a door'], CART_TRAVEL: ['推车出发到第一站', 'Cart to its first stop'], CART_STOP: ['推车到下一站', 'Cart to its next stop'], SETTLE: ['静置', 'Settling'],
};
export const post = (name: string) => said(posts[name], name);
export const squad = (name: string) => said(squads[name], name);
const classes: Readonly<Record<string, Text>> = { MEDICINE: ['药品（最先送）', 'Medicine (goes first)'], COLD: ['冷链（其次送）', 'Cold goods (go next)'] };
export const first = (mark: string) => said(classes[mark], mark);
export const step = (name: string) => said(steps[name], name);

export const w = words({
  loading: ['正在载入…', 'Loading…'],
  // The answer.
  head: [(by: string, days: number, n: number) => `${by} 前全部送到：${n} 天中 ${days} 天。`, (by: string, days: number, n: number) => `All by ${by}: ${days} of ${n} ${n === 1 ? 'day' : 'days'}.`],
  half: [(t: string) => `一半的日子 ${t} 前送完。`, (t: string) => `Half of the days are clear by ${t}.`],
  never: ['一半的日子到次日仍送不完。', 'Half of the days are not clear by the end of the next day.'],
  interval: [(low: number, high: number, n: number) => `模拟 ${n} 次，置信区间 ${low} 至 ${high} 天。`, (low: number, high: number, n: number) => `${n} simulated ${n === 1 ? 'day' : 'days'}; 95 % interval ${low} to ${high} days.`],
  most: [(t: string) => `95% 的日子 ${t} 前送完。`, (t: string) => `95 % of the days are clear by ${t}.`],
  door: [(mean: number, p95: number, orders: number) => `共 ${orders} 单，从门口到入户平均 ${mean} 分钟，95% 在 ${p95} 分钟内。`, (mean: number, p95: number, orders: number) => `${orders === 1 ? '1 order' : `${orders} orders`}, ${mean === 1 ? '1 minute' : `${mean} minutes`} from the gate to the door on average, 95 % within ${p95}.`],
  advice: ['建议', 'Advice'],
  band: ['一天里送到的单数', 'Orders delivered over the day'],
  bandSays: [(t: string, low: number, median: number, high: number) => `到 ${t}：10 天中有 9 天至少 ${low} 单，中位数 ${median} 单，10 天中有 1 天达到 ${high} 单。`, (t: string, low: number, median: number, high: number) => `By ${t}: at least ${low === 1 ? '1 order' : `${low} orders`} on nine of ten days, a median of ${median}, and at least ${high} on one of ten.`],
  low: ['十天中九天', 'Nine of ten days'], median: ['中位数', 'Median'], high: ['十天中一天', 'One of ten days'],
  queues: ['各岗位排队', 'Queues by post'],
  post: ['岗位', 'Post'], hands: ['人手', 'Hands'], wait: ['平均等候', 'Mean wait'], wait95: ['95% 等候不超过', '95 % wait at most'], peak: ['最长排队', 'Longest queue'], peakAt: ['最长时刻', 'Longest at'], busy: ['忙碌', 'Busy'],
  minutes: [(n: string) => `${n} 分钟`, (n: string) => `${n} min`], orders: [(n: number) => `${n} 单`, (n: number) => (n === 1 ? '1 order' : `${n} orders`)],
  hours: ['每小时所需人手', 'Hands needed by hour'], hour: ['小时', 'Hour'], arrived: ['到门口', 'Arrive'], delivered: ['送到', 'Handed over'], phone: ['电话台', 'Phone desk'],
  more: ['多一人能省多少', 'What one more person saves'], saves: ['每单省', 'Saved per order'], costs: [(t: string) => `多用 ${t}`, (t: string) => `costs ${t}`],
  moreSays: [(where: string, minutes: string) => `${where}再多一人，每单省 ${minutes}。`, (where: string, minutes: string) => `One more person at ${where} saves ${minutes} for each order.`],
  moreNone: [(where: string) => `${where}再多一人不会更快。`, (where: string) => `One more person at ${where} saves nothing.`],
  whatIf: ['如果…', 'What if'], change: ['改变', 'Change'], clear: ['一半的日子送完', 'Half clear by'], chance: ['按时', 'In time'], days: [(n: number, of: number) => `${n}/${of} 天`, (n: number, of: number) => `${n} of ${of} ${of === 1 ? 'day' : 'days'}`],
  times: ['所用时间', 'Times used'], step: ['步骤', 'Step'], mean: ['平均', 'Mean'], source: ['来源', 'Source'],
  firstShare: [(n: number) => `占 ${n}%`, (n: number) => `${n} % of orders`], ofOrders: [(n: number) => `实测（${n} 单）`, (n: number) => `measured (${n} orders)`],
  since: [(t: string) => `只按 ${t} 以来的记录实测：七天的记录超过 10 万条。`, (t: string) => `Measured from ${t} on only: seven days have more than 100,000 events.`],
  given: ['本预案设定', 'set in this scenario'], measured: [(n: number) => `实测（${n} 次）`, (n: number) => `measured (${n} samples)`], assumed: [(n: number) => (n > 0 ? `假定（仅 ${n} 次实测）` : '假定'), (n: number) => (n > 0 ? `assumed (only ${n} ${n === 1 ? 'sample' : 'samples'})` : 'assumed')],
  // The form.
  scenario: ['预案', 'Scenario'], day: ['日期', 'Day'], tomorrow: ['（明天）', '(tomorrow)'],
  asUsual: ['留空：按小区的预告、班次和实测时间', 'Empty: as announced, planned and measured here'],
  howMany: ['订单数', 'Orders'], duty: ['值守人数（门口与分拣）', 'Duty squad (gate and sorting)'], carts: ['推车', 'Carts'], cartBags: ['每车袋数', 'Bags per cart'], supply: ['上楼人数', 'People at the doors'],
  settle: ['静置（分钟）', 'Settling (minutes)'], absent: ['缺勤（%）', 'Absent (%)'], medicine: ['药品订单（%）', 'Medicine (% of orders)'], cold: ['冷链订单（%）', 'Cold goods (% of orders)'], firstCome: ['先到先送，药品和冷链不优先', 'First come, first served: medicine and cold goods wait too'], by: ['须送完', 'All by'], lifts: ['电梯停用', 'Lifts out of order'],
  earlier: ['最后一车', 'Last truck'], asAnnounced: ['按预告', 'as announced'], anHourEarlier: ['提前一小时', 'an hour earlier'], anHourLater: ['推迟一小时', 'an hour later'],
  minutesEarlier: [(n: number) => (n > 0 ? `提前 ${n} 分钟` : `推迟 ${-n} 分钟`), (n: number) => `${Math.abs(n)} ${Math.abs(n) === 1 ? 'minute' : 'minutes'} ${n > 0 ? 'earlier' : 'later'}`],
  held: ['暂停的楼栋', 'Held buildings'], building: ['楼栋', 'Building'], from: ['从', 'From'], until: ['到', 'Until'], addHeld: ['加一栋', 'Add a building'],
  trucks: ['车辆（代替预告）', 'Trucks (instead of those announced)'], at: ['时间', 'At'], bags: ['袋数', 'Bags'], late: ['晚到（分钟）', 'Late (minutes)'], addTruck: ['加一车', 'Add a truck'],
  later: ['分时段人手', 'People by the hour'], squad: ['小分队', 'Squad'], addLater: ['加一段', 'Add an entry'], remove: ['删除', 'Remove'],
  run: ['模拟', 'Rehearse'], running: ['正在模拟…', 'Rehearsing…'], stale: ['预案已改，请重新模拟。', 'The scenario has changed. Rehearse it again.'], print: ['打印', 'Print'], reset: ['清空', 'Clear'],
  // Saved scenarios.
  saved: ['已存预案', 'Saved scenarios'], none: ['还没有保存的预案。', 'No scenario is saved yet.'], open: ['打开', 'Open'], name: ['名称', 'Name'], saveNew: ['另存为新预案', 'Save as new'], saveOld: ['保存修改', 'Save the changes'],
  onlyDay: ['只用于这一天', 'Only for this day'], archive: ['归档', 'Archive'], archived: [(n: string) => `已归档“${n}”。`, (n: string) => `“${n}” is archived.`], savedAs: [(n: string) => `已保存“${n}”。`, (n: string) => `“${n}” is saved.`],
  loaded: [(n: string) => `当前预案：${n}`, (n: string) => `Scenario: ${n}`], unsaved: ['当前预案：未保存', 'Scenario: not saved'],
  plan: ['把它定为当天计划', 'Make this the plan of the day'],
  planned: [(day: string, clear: string | null, by: string, percent: number) => `${day} 的计划已定：${clear ? `预计 ${clear} 送完` : '到次日仍送不完'}，${by} 前全部送到的可能为 ${percent}%。`, (day: string, clear: string | null, by: string, percent: number) => `The plan of ${day} is made: ${clear ? `clear by about ${clear}` : 'not clear by the end of the next day'}, with a chance of ${percent} % that all is delivered by ${by}.`],
  against: ['与哪个预案对比', 'Compare with'], compare: ['对比', 'Compare'], community: ['小区现状', 'the community as it is'], present: ['当前预案', 'this scenario'], changed: [(n: string) => `${n}（已改）`, (n: string) => `${n}, changed`],
  compared: ['两个预案对比', 'Two scenarios side by side'], firstIs: [(n: string) => `预案一：${n}`, (n: string) => `First: ${n}`], secondIs: [(n: string) => `预案二：${n}`, (n: string) => `Second: ${n}`],
  inTime: ['按时送完', 'In time'], clearHalf: ['一半的日子送完', 'Half of the days clear by'], clearMost: ['95% 的日子送完', '95 % of the days clear by'], mean2: ['门口到入户', 'Gate to door'], longest: [(p: string) => `${p}最长排队`, (p: string) => `Longest queue, ${p}`],
  number: ['指标', 'Number'], printed: [(t: string) => `打印于 ${t}`, (t: string) => `Printed ${t}`],
});
