// Works at the gate, at the sorting tables and with a cart. Arguments: the address of a proxy before the server, the development sign-ins of a
// member of the duty squad and of the transport squad, and whether to check every state for accessibility.
import assert from 'node:assert/strict';

import { accessible as checked } from './axe.mjs';
import { show } from './camera.mjs';
import { ask, becomes, press } from './visit.mjs';

export default ([base, duty, transport, thorough], visit) => visit({ name: 'desks', base }, async ({ camera, open, please, shows, picture, sizes }) => {
  const accessible = (page, state) => (thorough === 'true' || state.startsWith('the ')) && checked(page, state);
  async function signedIn(actor, path) {
    const page = await open(`${base}/healthz`);
    await page.evaluate((token) => localStorage.setItem('baogong:sign-in', JSON.stringify({ token, expiresAt: null, since: '2022-04-12T00:00:00Z' })), `dev:${actor}`);
    await page.goto(`${base}/${path}`);
    return page;
  }
  const narrow = async (page) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page is wider than the phone');

  const gate = await signedIn(duty, 'gate');
  await shows(gate, '.next .bags', '9 袋');
  await becomes(gate, () => navigator.serviceWorker.controller);
  await accessible(gate, 'the truck that comes');
  await sizes(gate, 'gate');
  await shows(gate, '.next [data-building="E7"]', '2 单，3 袋'); // the truck's list is read
  const listed = await gate.locator('.next .building').evaluateAll((all) => all.map((b) => [b.dataset.building, [...b.querySelectorAll('.order')].map((o) => o.innerText.match(/#\d+/)[0]).join(' ')].join(': ')));
  assert.deepEqual(listed, ['E6: #1 #2 #5', 'E7: #3 #6'], 'the orders by building');
  await please('cut');
  await gate.locator('#arrived').click(); // without a network
  await gate.locator('#some').click();
  await gate.locator('#count input[data-number="2"]').check();
  await gate.locator('.pad [data-key="1"]').click();
  await shows(gate, '#sums', '缺 2 袋');
  await accessible(gate, 'the count');
  await picture(gate, 'gate-count');
  await sizes(gate, 'gate-count');
  await narrow(gate);
  const small = await gate.locator('.pad button, .order .number, .order label').evaluateAll((all) => all.filter((e) => Math.min(e.offsetWidth, e.offsetHeight) < 44).map((e) => e.innerText));
  assert.deepEqual(small, [], 'targets of less than 44 px');
  await gate.reload();
  await shows(gate, '[data-order="2"]', '到 1 / 3 袋'); // what was entered is still there
  await shows(gate, '#complete', '1 单与预告不同');
  await gate.locator('#complete').click();
  await shows(gate, '#connection', '2 条待发送');
  await gate.reload(); // the page begins without a network
  await shows(gate, '#connection', '2 条待发送');
  await please('mend');
  await shows(gate, '#connection', '实时');
  await shows(gate, '#trucks', '已清点 7 袋，缺 2');

  // A truck that no one announced: whose it is, and which orders it brings.
  await gate.locator('#unannounced summary').click();
  await gate.locator('#whose').selectOption({ label: 'yiyao' });
  await shows(gate, '#coming', '还有 202 单未到，以下 200 单');
  await gate.locator('#unannounced input[data-number="4"]').check();
  assert.equal(await gate.locator('#unannounced input[data-number="207"]').count(), 0);
  await gate.locator('#find').fill('#207'); // an order that is not among the first
  await gate.locator('#unannounced input[data-number="207"]').check();
  await shows(gate, '#unannounced', '另外勾选了：#4');
  await accessible(gate, 'a truck without an announcement');
  await picture(gate, 'gate-unannounced');
  await gate.locator('#find').fill('E7-1-1203'); // a room
  await shows(gate, '#coming', '找到');
  await gate.locator('#find').fill('');
  await shows(gate, '#coming', '还有 202 单未到');
  await gate.locator('.further').click();
  await becomes(gate, () => document.querySelectorAll('#unannounced input[type=checkbox]').length === 202);
  await narrow(gate);
  await gate.locator('#unannounced .main', { hasText: '车到了，2 单' }).click();

  // More bags than announced, and damaged ones, with a keyboard alone. What was entered survives a reload and news about the truck and others.
  await press(gate, '[data-order="207"] .number');
  await becomes(gate, () => document.activeElement.matches('.pad'));
  await gate.keyboard.press('2');
  await press(gate, '.pad [data-field="damaged"]');
  await gate.keyboard.press('1');
  await shows(gate, '#sums', '多 1 袋，破损 1 袋');
  await accessible(gate, 'the pad of an order');
  await gate.reload();
  await shows(gate, '#sums', '多 1 袋，破损 1 袋');
  const asDuty = async (query) => {
    const { data, errors } = await ask(base, `dev:${duty}`, query);
    assert.equal(errors, undefined);
    return data;
  };
  const { me: { community } } = await asDuty('{ me { community { id } } }');
  const now = await asDuty(`{ arrivals(communityId: "${community.id}") { id state } suppliers(communityId: "${community.id}") { nodes { id } } }`);
  const truck = now.arrivals.find((a) => a.state === 'ARRIVED').id;
  const { arrivalList } = await asDuty(`{ arrivalList(arrivalId: "${truck}") { order { id number } } }`);
  await asDuty(`mutation { receiveArrival(input: { arrivalId: "${truck}", orders: [{ orderId: "${arrivalList.find((l) => l.order.number === 4).order.id}", received: 0 }] }) { userErrors { message } } }`);
  await shows(gate, '[data-order="4"]', '到 0 / 1 袋'); // another device counts too
  await asDuty(`mutation { announceArrival(input: { supplierId: "${now.suppliers.nodes[0].id}", orders: [] }) { userErrors { message } } }`);
  await gate.locator('#trucks .open').waitFor();
  await shows(gate, '#sums', '缺 1 袋，多 1 袋，破损 1 袋');
  await press(gate, '#count input[data-number="4"]', 'Space'); // it is here after all
  await shows(gate, '#sums', /^多 1 袋，破损 1 袋$/);
  // A count of which one order is refused does nothing: what was entered is there to send again.
  const refusal = { message: '这一单被退回', code: 'CONFLICT', reason: 'ORDER_CLOSED', details: null };
  const refuse = (r) => (r.request().postData()?.includes('GateReceive') ? r.fulfill({ json: { data: { did: { arrival: null, results: [{ orderId: '', bags: null, userErrors: [refusal] }, { orderId: '', bags: null, userErrors: [] }], userErrors: [] } } } }) : r.fallback());
  await gate.route('**/graphql', refuse);
  await press(gate, '#complete');
  await shows(gate, '.card', '这一单被退回');
  await gate.unroute('**/graphql', refuse);
  await shows(gate, '#sums', /^多 1 袋，破损 1 袋$/);
  await gate.locator('.card button').last().click();
  await press(gate, '#complete');
  await shows(gate, '#trucks', '已清点 3 袋，缺 0');
  await press(gate, '#all'); // the truck that came meanwhile
  await shows(gate, '#trucks', '已清点 0 袋，缺 0');
  await shows(gate, '#connection', '实时');

  const sorting = gate;
  await sorting.goto(`${base}/sorting`);
  await shows(sorting, '#missing', 'E6');
  await becomes(sorting, () => document.querySelector('#at').options.length > 1); // the list is there
  const scan = async (text, letters) => {
    await sorting.locator('#scan').fill(text);
    await sorting.locator('#scan').press('Enter');
    await shows(sorting, '.letters', letters);
  };
  await scan('#1', 'E6');
  await sizes(sorting, 'sorting');
  await accessible(sorting, 'the right bin');
  await sorting.locator('#at').selectOption({ label: 'E6' });
  await scan('#3', 'E7'); // the wrong bin
  await shows(sorting, '.answer.wrong', '不是 E6');
  await accessible(sorting, 'the wrong bin');
  await picture(sorting, 'sorting-wrong');
  await sorting.locator('#at').selectOption({ label: 'E7' });
  await scan('#3', 'E7');
  await sorting.locator('#at').selectOption('');

  // Orders in several bags: each bag is scanned, and the last sorts the order. What was scanned survives a reload, and needs no network.
  const { orders } = (await ask(base, `dev:${duty}`, `{ orders(communityId: "${community.id}", orderBy: { field: PLACED_AT, direction: ASC }, first: 6) { nodes { id number labels bagLabels { qr } } } }`)).data;
  const order = (number) => orders.nodes.find((o) => o.number === number);
  await shows(sorting, '#connection', '实时');
  await please('cut');
  await scan(order(5).labels[1], 'E6');
  await shows(sorting, '#bags', '2 袋里扫到 1 袋');
  await accessible(sorting, 'the first of two bags');
  await picture(sorting, 'sorting-bags');
  await scan(order(5).labels[1], 'E6');
  await shows(sorting, '#bags', '第 2 袋已扫过');
  await sorting.reload();
  await shows(sorting, '#begun', 'E6-2-1203 · 1/2 袋');
  await shows(sorting, '#connection', '连接中断');
  await scan(`${order(5).id}/1`, 'E6'); // its QR code
  await shows(sorting, '#connection', '1 条待发送');
  await sorting.locator('#begun').waitFor({ state: 'detached' });
  await scan('#2', 'E6'); // one of its three bags is here, as the gate has counted
  await scan('#6', 'E7'); // the number does not say which bag it is
  await sorting.locator('#bags [data-bag="2"]').click();
  await shows(sorting, '#bags', '2 袋里扫到 1 袋');
  await sorting.locator('#bags .rest').click();
  await shows(sorting, '#connection', '4 条待发送');
  await narrow(sorting);
  await please('mend');
  await shows(sorting, '#connection', '实时');
  await sorting.locator('#scan').fill('999');
  await sorting.locator('#scan').press('Enter');
  await shows(sorting, '#answer .note.bad', '999');
  if (thorough === 'true') { // the camera: this browser has no reader of its own
    await show(sorting, camera, order(3).bagLabels[0].qr);
    assert.equal(await sorting.evaluate(() => typeof BarcodeDetector), 'undefined');
    await sorting.locator('#camera').click();
    await shows(sorting, '.letters', 'E7');
    await shows(sorting, '.answer', '第 1/');
    await accessible(sorting, 'the camera');
    await picture(sorting, 'sorting-camera');
    await sorting.locator('#camera').click();
    assert.equal(await sorting.locator('video').count(), 0);
  }
  await shows(sorting, '#connection', '实时');
  await narrow(sorting);

  // However often the numbers change, the list is read once in two seconds at most, and what changed last is in it.
  const read = [];
  sorting.on('request', (r) => r.postData()?.includes('query SortingDesk') && read.push(Date.now()));
  for (let n = 0; n < 25; n++) { // for five seconds
    await please('move');
    await sorting.waitForTimeout(200);
  }
  const { orders: moved } = (await ask(base, `dev:${duty}`, `{ orders(communityId: "${community.id}", filter: { stages: [DISPATCHED] }, orderBy: { field: STAGE_SINCE, direction: DESC }, first: 1) { nodes { number building { code } } } }`)).data;
  const [newest] = moved.nodes;
  await sorting.locator('#at').selectOption({ label: newest.building.code === 'E6' ? 'E7' : 'E6' });
  const answer = sorting.locator('#answer');
  for (let n = 0; n < 40 && !(await answer.innerText()).includes(`#${newest.number} · ${newest.building.code}`); n++) { // the last reading is under way
    if (n > 0) await sorting.waitForTimeout(200);
    await sorting.locator('#scan').fill(`#${newest.number}`);
    await sorting.locator('#scan').press('Enter');
  }
  await shows(sorting, '.answer.wrong', `#${newest.number} · ${newest.building.code}`);
  const gaps = read.slice(1).map((at, i) => at - read[i]);
  assert.ok(read.length >= 2 && gaps.every((ms) => ms >= 1_000), `the list was read after ${gaps} ms`);
  await sorting.locator('#at').selectOption('');

  const cart = await signedIn(transport, 'cart');
  await cart.locator('#start').click();
  await cart.locator('.bin', { hasText: 'E6' }).locator('.load').click();
  await shows(cart, '#run h2', '车上 4 / 20 袋');
  await accessible(cart, 'the cart that is loaded');
  await sizes(cart, 'cart');
  await cart.locator('#depart').click();
  await cart.locator('.missing').waitFor(); // the page knows which orders it carries
  await shows(cart, '#connection', '实时');
  await please('cut');
  await cart.locator('#count-E6').fill('1'); // bags are missing on the cart
  await cart.locator('.drop').click();
  await shows(cart, '.bin [role=alert]', '应放下 4 袋，数到 1 袋');
  await cart.locator('.missing input[data-number="5"]').check(); // which order they are of
  await accessible(cart, 'the cart under way');
  await narrow(cart);
  await picture(cart, 'cart-missing');
  await cart.locator('.drop', { hasText: 'E6 放下 2 袋' }).click();
  await shows(cart, '#run h2', '车上 2 / 20 袋');
  await please('mend');
  await shows(cart, '#connection', '实时');
  await shows(cart, '#run h2', '车上 2 / 20 袋');
  await cart.locator('#finish').click();
  await cart.locator('#finish.danger').click(); // what is missing goes back into its bin
  await cart.locator('#start').waitFor();
  await shows(cart, '#connection', '实时');
  assert.equal(await cart.locator('.card').count(), 0, 'an act was refused');
});
