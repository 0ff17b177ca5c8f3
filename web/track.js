// Shows one order while it moves. The address of the page is the link; <address>/events is its event stream.
const at = (id) => document.getElementById(id);
const address = location.pathname.replace(/\/$/, '');

const write = (into, text) => into.replaceChildren(...both(text));

const clock = (instant) => new Date(instant).toLocaleString('zh-CN', { month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' });

function show(order) {
  const reached = new Map(order.stageTimes.map((t) => [t.stage, t.at]));
  at('number').textContent = `#${order.number}`;
  at('where').textContent = order.address;
  const [chinese, english] = stageWords(order.stage);
  write(at('now'), order.held ? [`${chinese}（暂停）`, `${english}, held for now`] : [chinese, english]);
  const shown = words.chain.includes(order.stage) ? words.chain : [...words.chain.filter((s) => reached.has(s)), order.stage];
  at('chain').replaceChildren(...shown.map((stage) => {
    const item = document.createElement('li');
    const name = document.createElement('span');
    write(name, stageWords(stage));
    item.append(name);
    item.dataset.stage = stage;
    if (reached.has(stage)) {
      item.className = stage === order.stage ? 'done here' : 'done';
      const time = document.createElement('time');
      time.dateTime = reached.get(stage);
      time.textContent = clock(time.dateTime);
      item.append(time);
    }
    return item;
  }));
}

function over(errors) {
  write(at('now'), errors);
  write(at('line'), ['', '']);
  at('chain').replaceChildren();
}

// follow opens the stream. The browser reconnects after a broken stream. It gives up after an answer that is no stream; then
// follow asks whether the link is still valid.
function follow(tries = 0) {
  const stream = new EventSource(`${address}/events`);
  stream.addEventListener('next', (event) => {
    const { data, errors } = JSON.parse(event.data);
    if (data?.order) {
      tries = 0;
      show(data.order);
      write(at('line'), ['实时更新中', 'Live']);
    } else if (errors?.some((e) => ['NOT_FOUND', 'UNAUTHENTICATED'].includes(e.extensions?.code))) {
      stream.close();
      over(['链接已失效', 'This link has ended']);
    }
  });
  stream.onerror = async () => {
    write(at('line'), ['连接中断，正在重连…', 'Connection lost, trying again…']);
    if (stream.readyState !== EventSource.CLOSED) return;
    const answer = await fetch(address, { method: 'HEAD', cache: 'no-store' }).catch(() => null);
    if (answer?.status === 404) {
      over(['链接已失效', 'This link has ended']);
      return;
    }
    setTimeout(() => follow(tries + 1), Math.min(30_000, 1000 * 2 ** tries) * (0.5 + Math.random() / 2));
  };
}

follow();
