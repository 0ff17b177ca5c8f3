// Lays out the pages /print/manifest and /print/labels for printing. They are about the caller's community, or about the community, building, arrival
// or order whose id follows in the address. The team may print both, and suppliers the labels of their arrivals.
import { at, insist, Refused, say, turnAway } from './ask.js';

const kinds = { manifest: ['分拣单', 'Sorting manifest'], labels: ['标签', 'Labels'] };
const [, , named, id] = location.pathname.split('/');
const what = kinds[named] ? named : 'manifest';

const element = (name, className, ...children) => {
  const e = document.createElement(name);
  e.className = className;
  e.append(...children);
  return e;
};
const bilingual = (name, className, words) => element(name, className, ...both(words));

const fields = {
  manifest: 'id number stage labels marks household { floor } unit { number } bin { code }',
  labels: 'id number marks bagLabels { text qr }',
};

// manifest reads the orders to sort, building by building. An administrator belongs to no community: the one that has the subject answers.
async function manifest(me, subject) {
  const query = `query ($c: ID!, $a: ID, $b: ID) { read: sortingManifest(communityId: $c, arrivalId: $a, buildingId: $b) { cut buildings {
    building { code name } expected atGate sorted bags orders { ${fields[what]} } } } }`;
  const candidates = me.community ? [me.community.id] : subject.__typename === 'Community' ? [id] : (await insist('{ communities(first: 200) { nodes { id } } }')).communities.nodes.map((c) => c.id);
  for (const c of candidates) {
    try {
      return (await insist(query, { c, a: subject.__typename === 'Arrival' ? id : null, b: subject.__typename === 'Building' ? id : null })).read;
    } catch (e) {
      if (c === candidates.at(-1)) throw e;
    }
  }
  throw new Refused({ words: ['没有可打印的内容。', 'There is nothing to print.'] });
}

// read returns the buildings, or, for an order or the arrival of a supplier, the orders as if they were of one building.
async function read(me, subject) {
  if (subject.__typename === 'Order') return one([(await insist(`query ($o: ID!) { order(id: $o) { ${fields.labels} } }`, { o: id })).order]);
  if (me.role !== 'SUPPLIER') return manifest(me, subject);
  if (subject.__typename !== 'Arrival') return one([]);
  return one((await insist(`query ($a: ID!) { list: arrivalList(arrivalId: $a) { order { ${fields.labels} } } }`, { a: id })).list.map((l) => l.order));
}
const one = (orders) => ({ cut: false, buildings: orders.length > 0 ? [{ orders }] : [] });

// offers lists what else can be printed: the community, its buildings and today's arrivals.
async function offers(me, subject) {
  const list = [];
  const community = me.community ?? (subject.__typename === 'Community' ? subject : null);
  if (!community) return (await insist('{ communities(first: 200) { nodes { id name code } } }')).communities.nodes.map((c) => [c.id, `${c.name} ${c.code}`]);
  if (me.role !== 'SUPPLIER') {
    list.push([community.id, `${community.name ?? '全小区'} · 全部 All`]);
    const { buildings } = await insist('query ($c: ID!) { buildings(communityId: $c, first: 200) { nodes { id code } } }', { c: community.id });
    list.push(...buildings.nodes.map((b) => [b.id, b.code]));
  }
  const { arrivals } = await insist('query ($c: ID!) { arrivals(communityId: $c) { id number supplier { name } } }', { c: community.id });
  return [...list, ...arrivals.map((a) => [a.id, `到货 Arrival ${a.number} · ${a.supplier?.name ?? ''}`])];
}

const marks = (order) => element('span', 'marks', order.marks.map((m) => markWords(m)[0]).join(' '));

function row(order) {
  const where = order.bin ? [`格 ${order.bin.code}`] : stageWords(order.stage);
  return element('tr', '', element('td', '', order.household ? `${order.household.floor} 层` : ''), element('td', '', ...order.labels.map((text) => element('span', 'bag', text))),
    element('td', '', marks(order)), bilingual('td', '', where));
}

// section lays out one building: its units, each from the top floor down, as the manifest lists them.
function section(b) {
  const parts = new Map();
  for (const o of b.orders) parts.set(o.unit?.number, [...(parts.get(o.unit?.number) ?? []), o]);
  const tables = [...parts].flatMap(([unit, orders]) => {
    const head = element('tr', '', ...[['楼层', 'Floor'], ['标签', 'Label of each bag'], ['标记', 'Marks'], ['位置', 'Where']].map((w) => bilingual('th', '', w)));
    return [bilingual('h3', '', [`${unit} 单元`, `Unit ${unit}`]), element('table', '', element('thead', '', head), element('tbody', '', ...orders.map(row)))];
  });
  const [gate, sorted] = [stageWords('AT_GATE'), stageWords('SORTED')];
  const sums = bilingual('span', '', [`未到 ${b.expected} · ${gate[0]} ${b.atGate} · ${sorted[0]} ${b.sorted} · 共 ${b.bags} 件`, `To come ${b.expected}, ${gate[1]} ${b.atGate}, ${sorted[1]} ${b.sorted}, bags ${b.bags}`]);
  return element('section', 'building', element('h2', '', b.building.code, sums), ...tables);
}

function label(order, { text, qr }) {
  const [door, ...rest] = text.split(' · ');
  const drawing = element('img', '');
  drawing.src = `data:image/svg+xml,${encodeURIComponent(qr)}`;
  drawing.alt = '';
  const made = element('div', 'label', element('b', door.length > 10 ? 'long' : '', door), element('p', '', marks(order), ...rest.map((part) => element('span', '', part))), drawing);
  return made;
}

async function begin() {
  const title = bilingual('h1', '', kinds[what]);
  title.id = 'title';
  at('title').replaceWith(title);
  document.title = `${kinds[what].join(' · ')} · 保供 Baogong`;
  const { me, node } = await insist(id ? `query ($id: ID!) { me { role community { id name } } node(id: $id) { __typename id ... on Community { name } } }` : '{ me { role community { id name } } }', id ? { id } : undefined);
  if (id && !node) throw new Refused({ words: ['没有该对象。', 'There is no such thing here.'] });
  if (what === 'manifest' ? ['SUPPLIER', 'RESIDENT', 'LINK', 'CITY'].includes(me.role) : ['RESIDENT', 'LINK', 'CITY'].includes(me.role)) {
    throw new Refused({ words: ['请以队员身份登录。', 'Sign in as a member of the team.'] });
  }
  const subject = node ?? { __typename: me.community ? 'Community' : '', id: me.community?.id };
  const list = await offers(me, subject);
  const choices = [...(list.some(([value]) => value === subject.id) ? [] : [['', '请选择 Choose']]), ...list].map(([value, text]) => Object.assign(document.createElement('option'), { value, textContent: text }));
  at('of').replaceChildren(...choices);
  at('of').value = list.some(([value]) => value === subject.id) ? subject.id : '';
  at('of').addEventListener('change', () => at('of').value && location.assign(`/print/${what}/${at('of').value}`));
  const other = what === 'manifest' ? 'labels' : 'manifest';
  at('other').replaceChildren(...both(kinds[other]));
  at('other').href = `/print/${other}/${id ?? ''}`;
  at('other').hidden = me.role === 'SUPPLIER' || subject.__typename === 'Order';
  at('form').hidden = false;
  if (!subject.__typename || me.role === 'SUPPLIER' && subject.__typename === 'Community') return;
  const { cut, buildings } = await read(me, subject);
  say(...(cut ? ['内容过多，仅显示前 2000 单；请按楼栋打印。', 'These are the first 2,000 orders only; print building by building.'] : []));
  if (what === 'manifest') {
    at('sheets').replaceChildren(...buildings.map(section));
  } else {
    at('sheets').replaceChildren(element('div', 'labels', ...buildings.flatMap((b) => b.orders.flatMap((o) => o.bagLabels.map((l) => label(o, l))))));
  }
  const orders = buildings.flatMap((b) => b.orders).length;
  at('count').replaceChildren(...both(orders > 0 ? [`${orders} 单`, `${orders} orders`] : ['没有可打印的内容。', 'There is nothing to print.']));
}

at('print').addEventListener('click', () => print());
begin().catch(turnAway);
