// Shows the numbers of a day of a community, for printing. The day is in the address: /report?day=2022-04-12; without it, the page shows today.
import { at, insist, Refused, say, tell, turnAway } from './ask.js';

const bilingual = (element, text) => {
  element.replaceChildren(...both(text));
  return element;
};

const amount = (fen) => (fen / 100).toFixed(2);

function row(term, report) {
  const tr = document.createElement('tr');
  const name = bilingual(document.createElement('th'), term.words);
  name.scope = 'row';
  const value = document.createElement('td');
  const number = report[term.name];
  value.textContent = number === null ? '—' : term.fen ? amount(number) : String(number);
  tr.append(name, value);
  return tr;
}

async function show(community, day) {
  const fields = words.report.map((term) => term.name).join(' ');
  const { report } = await insist(`query ($c: ID!, $day: String) { report: dailyReport(communityId: $c, day: $day) { day until ${fields} } }`, { c: community.id, day });
  say();
  at('day').value = report.day;
  at('head').textContent = `${community.name} ${at('community').hidden ? '' : community.code} ${report.day}`;
  document.title = `${report.day} · 日报 · Daily report · 保供 Baogong`;
  const until = new Date(report.until).toLocaleString('zh-CN', { timeZone: community.timeZone, hour12: false });
  bilingual(at('until'), [`数字截至 ${until}。`, `Numbers as of ${until}.`]);
  at('numbers').replaceChildren(...words.report.map((term) => row(term, report)));
  at('numbers').hidden = false;
}

// choices are the communities that the caller may choose from. An administrator belongs to none, so all of them.
async function choices(me) {
  const fields = 'id code name timeZone';
  if (me.community) return [(await insist(`query ($c: ID!) { community(id: $c) { ${fields} } }`, { c: me.community.id })).community];
  return (await insist(`{ communities(first: 200) { nodes { ${fields} } } }`)).communities.nodes;
}

async function begin() {
  const { me } = await insist('{ me { role community { id } } }');
  if (!me || !['ADMIN', 'COMMANDER', 'LEAD'].includes(me.role)) throw new Refused({ words: ['请以队长、指挥或管理员身份登录。', 'Sign in as a lead, the commander or an administrator.'] });
  const communities = await choices(me);
  if (communities.length === 0) throw new Refused({ words: ['还没有小区。', 'There is no community yet.'] });
  at('community').replaceChildren(...communities.map((c) => Object.assign(document.createElement('option'), { value: c.id, textContent: `${c.name} ${c.code}` })));
  at('community').hidden = communities.length === 1;
  const asked = new URLSearchParams(location.search);
  if (communities.some((c) => c.id === asked.get('community'))) at('community').value = asked.get('community');
  const chosen = () => communities.find((c) => c.id === at('community').value);
  const again = () => {
    if (!at('day').value) return;
    history.replaceState(null, '', `?${new URLSearchParams({ day: at('day').value, ...(communities.length > 1 ? { community: chosen().id } : {}) })}`);
    at('numbers').hidden = true;
    show(chosen(), at('day').value).catch(tell);
  };
  at('day').addEventListener('change', again);
  at('community').addEventListener('change', again);
  at('print').addEventListener('click', () => print());
  at('form').addEventListener('submit', (event) => event.preventDefault());
  at('form').hidden = false;
  await show(chosen(), asked.get('day'));
}

begin().catch(turnAway);
