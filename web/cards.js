// Issues the household cards of a building, in the community that an administrator chooses, and lays them out for printing, ten to a page.
import { at, insist, newKey, Refused, say, tell, turnAway } from './ask.js';

const element = (name, text, ...children) => {
  const e = document.createElement(name);
  e.append(text, ...children);
  return e;
};

// all reads every page of a list.
async function all(list, fields, args = '') {
  const nodes = [];
  for (let after = null, next = true; next; ) {
    const { page } = await insist(`query ($a: String) { page: ${list}(${args} first: 200, after: $a) { nodes { id ${fields} } pageInfo { hasNextPage endCursor } } }`, { a: after });
    nodes.push(...page.nodes);
    [after, next] = [page.pageInfo.endCursor, page.pageInfo.hasNextPage];
  }
  return nodes;
}

function offer(select, choices) {
  select.replaceChildren(...choices.map(([value, text]) => Object.assign(element('option', text), { value })));
}

function card(address, result) {
  const drawing = document.createElement('img');
  drawing.src = `data:image/svg+xml,${encodeURIComponent(result.qr)}`;
  drawing.alt = 'QR';
  const site = new URL(result.url, location.href);
  const english = element('p', `Scan this, or open ${site.host}${site.pathname} and enter the code, to see your orders live. Keep the card to your household.`);
  english.lang = 'en';
  const how = element('div', element('p', `扫码，或打开 ${site.host}${site.pathname} 输入此码，即可实时查看自家订单。请勿转交他人。`), english);
  how.className = 'how';
  const made = element('div', element('div', element('b', address), document.createElement('br'), '保供住户卡 ', element('small', 'Household card'), document.createElement('br'), element('code', result.secret)), drawing, how);
  made.className = 'card';
  return made;
}

// unprinted is true while the page shows cards that were not printed: their codes cannot be shown again.
let unprinted = false;
function printed(done) {
  unprinted = !done;
  at('unprinted').hidden = done;
}
addEventListener('afterprint', () => printed(true));
addEventListener('beforeunload', (event) => {
  if (unprinted) event.preventDefault();
});

async function issue(community, building, key) {
  const homes = await all('households', 'address', `communityId: "${community}", filter: { buildingIds: ["${building}"] }`);
  const addresses = new Map(homes.map((h) => [h.id, h.address]));
  const { issueCards: got } = await insist('mutation ($i: IssueCardsInput!) { issueCards(input: $i) { results { subjectId secret url qr userErrors { message reason } } userErrors { message reason } } }',
    { i: { buildingId: building, clientMutationId: key } });
  if (got.userErrors.length > 0) throw new Refused(got.userErrors[0]);
  at('said').replaceChildren(...got.results.flatMap((r) => r.userErrors.map((e) => element('div', `${addresses.get(r.subjectId)}: `, ...both(refusalWords(e))))));
  at('cards').replaceChildren(...got.results.filter((r) => r.secret).map((r) => card(addresses.get(r.subjectId) ?? '', r)));
  at('done').hidden = false;
  printed(at('cards').children.length === 0);
}

// choose offers the buildings of the chosen community. It may be called again before it has ended.
async function choose() {
  const community = at('community').value;
  offer(at('building'), []);
  if (!community) return;
  const buildings = await all('buildings', 'code', `communityId: "${community}"`);
  if (at('community').value !== community) return;
  offer(at('building'), buildings.map((b) => [b.id, b.code]));
  say(...(buildings.length > 0 ? [] : ['该小区还没有楼栋。', 'This community has no building yet.']));
}

async function begin() {
  const { me } = await insist('{ me { role } }');
  if (!['COMMANDER', 'ADMIN'].includes(me.role)) throw new Refused({ words: ['请以指挥长或管理员身份登录。', 'Sign in as the commander or an administrator.'] });
  say();
  const communities = (await all('communities', 'code name archivedAt')).filter((c) => !c.archivedAt).map((c) => [c.id, `${c.name} ${c.code}`]);
  offer(at('community'), communities.length === 1 ? communities : [['', '请选择小区 Choose a community'], ...communities]);
  at('community').hidden = me.role === 'COMMANDER';
  await choose();
  at('form').hidden = false;
  at('community').addEventListener('change', () => choose().catch(tell));
  let [attempt, key] = ['', '']; // the idempotency key of a call without an answer is used again
  at('form').addEventListener('submit', async (event) => {
    event.preventDefault();
    if (unprinted && !confirm('这些卡尚未打印，继续发卡后其中的码将无法再显示。仍要继续吗？\nThese cards are not printed yet, and their codes cannot be shown again. Go on?')) return;
    at('issue').disabled = true;
    if (attempt !== at('building').value) [attempt, key] = [at('building').value, newKey()];
    try {
      await issue(at('community').value, attempt, key);
      attempt = '';
    } catch (e) {
      tell(e);
    } finally {
      at('issue').disabled = false;
      at('sure').checked = false;
    }
  });
}

at('print').addEventListener('click', () => print());
begin().catch(turnAway);
