// Shows what a volunteer is to buy, each item once with the orders that need it, for printing. The volunteer is in the address: /shopping?taker=ID; without it,
// the page shows the reader's own list.
import { at, insist, Refused, say, tell, turnAway } from './ask.js';

const element = (name, ...children) => {
  const e = document.createElement(name);
  e.append(...children);
  return e;
};
const bilingual = (name, words) => element(name, ...both(words));

// need says which order needs how much, what it expects to pay, and what to do if the item is not there.
function need({ order, quantity, substitute, unitPriceFen }) {
  const price = unitPriceFen > 0 ? [` · ${(unitPriceFen / 100).toFixed(2)} 元`] : [];
  return element('span', `#${order.number} ${order.address} × ${quantity}`, ...price, ' · ', ...both(substituteWords(substitute)));
}

const row = (i) => element('tr', element('th', i.item), element('td', `${i.quantity} ${i.unit}`), element('td', ...i.for.map(need)));

async function show(community, taker) {
  at('list').hidden = true;
  const { list } = await insist(`query ($c: ID!, $t: ID) { list: shoppingList(communityId: $c, takerId: $t) {
    item unit quantity for { order { id number address } quantity substitute unitPriceFen } } }`, { c: community.id, t: taker.id });
  say();
  const orders = new Set(list.flatMap((i) => i.for.map((n) => n.order.id))).size;
  at('head').textContent = `${community.name} · ${taker.code} · ${new Date().toLocaleDateString('zh-CN', { timeZone: community.timeZone })}`;
  at('count').replaceChildren(...both(orders > 0 ? [`${orders} 单，${list.length} 种商品。`, `${orders} orders, ${list.length} items.`] : ['没有要买的东西。', 'There is nothing to buy.']));
  at('columns').replaceChildren(element('tr', ...[['商品', 'Item'], ['共', 'In all'], ['给谁', 'For']].map((w) => bilingual('th', w))));
  at('items').replaceChildren(...list.map(row));
  at('list').hidden = orders === 0;
}

// shoppers are the volunteers whose list the reader may see: the reader, and for leads, the commander and administrators every taker of an open order.
async function shoppers(me, communities) {
  const all = me.volunteer ? [{ community: communities[0], taker: me.volunteer }] : [];
  if (me.role === 'VOLUNTEER') return all;
  for (const community of communities) {
    const { orders } = await insist('query ($c: ID!) { orders(communityId: $c, first: 200, filter: { open: true, channels: [BUY_FOR, ERRAND] }) { nodes { taker { id code } } } }', { c: community.id });
    const known = new Map(orders.nodes.filter((o) => o.taker).map((o) => [o.taker.id, o.taker]));
    all.push(...[...known.values()].filter((t) => t.id !== me.volunteer?.id).sort((a, b) => a.code.localeCompare(b.code)).map((taker) => ({ community, taker })));
  }
  return all;
}

async function begin() {
  const { me } = await insist('{ me { role community { id } volunteer { id code } } }');
  if (!['ADMIN', 'COMMANDER', 'LEAD', 'VOLUNTEER'].includes(me?.role)) throw new Refused({ words: ['请以队员身份登录。', 'Sign in as a member of the team.'] });
  const fields = 'id code name timeZone';
  const communities = me.community ? [(await insist(`query ($c: ID!) { community(id: $c) { ${fields} } }`, { c: me.community.id })).community]
    : (await insist(`{ communities(first: 200) { nodes { ${fields} } } }`)).communities.nodes;
  const choices = await shoppers(me, communities);
  if (choices.length === 0) throw new Refused({ words: ['没有要买的东西。', 'There is nothing to buy.'] });
  at('taker').replaceChildren(...choices.map(({ community, taker }) => Object.assign(element('option', communities.length > 1 ? `${community.code} ${taker.code}` : taker.code), { value: taker.id })));
  at('taker').hidden = choices.length === 1;
  const asked = new URLSearchParams(location.search).get('taker');
  if (choices.some((c) => c.taker.id === asked)) at('taker').value = asked;
  const again = () => {
    const { community, taker } = choices.find((c) => c.taker.id === at('taker').value);
    return show(community, taker);
  };
  at('taker').addEventListener('change', () => {
    history.replaceState(null, '', `?${new URLSearchParams({ taker: at('taker').value })}`);
    again().catch(tell);
  });
  at('print').addEventListener('click', () => print());
  at('form').hidden = false;
  await again();
}

begin().catch(turnAway);
