// Watch: the queues as the flow they are, what failed and why, and one button to try it again.
import { h, put, seldom, text } from './dom.js';
import { get, post } from './api.js';
import { did, doing, failed, say } from './say.js';
import { listen } from './events.js';
import { uploads } from './upload.js';
import { count, duration, many } from './words.js';

export const title = 'Flow';

const POLL_MS = 5000;
const FAILURES_MS = 10_000;

/** The steps as columns: what comes after another, or is queued by a route, stands below it. */
function branches(queues) {
  const columns = [];
  for (const [name, { after }] of Object.entries(queues)) {
    const before = after === '' ? columns.at(-1) : columns.find((column) => column.includes(after));
    if (before) before.push(name);
    else columns.push([name]);
  }
  return columns;
}

export async function open(main, { signal }) {
  const [first, { photos }] = await Promise.all([get('/api/queues', {}, signal), get('/api/about', {}, signal)]);
  const cards = Object.fromEntries(Object.entries(first).map(([name, queue]) => [name, card(name, queue)]));
  const incoming = h('p', { class: 'quiet-text' });
  const said = h('p', {});
  const failures = h('section', { 'aria-labelledby': 'failures' });
  main.append(said,
    h('div', { class: 'flow-map', role: 'group', 'aria-label': 'The flow of a photo' },
      h('div', { class: 'card in' }, h('h2', {}, 'Intake'), h('p', { class: 'quiet-text' }, 'uploads and the watched folder: checked, stored for good, then'), incoming, h('p', {}, h('a', { href: '#/add' }, 'Add photos'))),
      branches(first).map((names) => (names.length === 1 ? cards[names[0]].element : h('div', { class: 'branch' }, names.map((name) => cards[name].element))))),
    failures,
    h('p', { class: 'quiet-text' }, 'The routes themselves, as diagrams with counters: ', h('a', { href: '/actuator/hawtio' }, 'Hawtio'), '. Metrics: ', h('a', { href: '/actuator/prometheus' }, 'Prometheus'),
      '. Each part’s health: ', h('a', { href: '/actuator/health' }, 'health'), '.'));

  let pressed = null;
  failures.addEventListener('focusin', (event) => { pressed = event.target.ariaLabel; });
  let shown = '';
  let askedAt = 0; // what cannot be taken of the inbox is in no queue's count
  let listed = '';
  function show(queues) {
    for (const [name, each] of Object.entries(cards)) if (queues[name]) each.show(queues[name]);
    const left = Object.values(queues).reduce((sum, queue) => sum + queue.queued + queue.running, 0);
    const longest = Math.max(...Object.values(queues).filter((queue) => queue.queued && !queue.paused).map((queue) => queue.eta_seconds ?? Infinity), 0);
    text(said, left ? `${many(left, 'job')} to do, ${longest === Infinity ? 'time left not known yet' : `about ${duration(longest)} left`}.` : 'All is done.');
    text(incoming, uploads.left ? `This page sends ${many(uploads.left, 'more file')}.` : '');
    const failedNow = Object.values(queues).map((queue) => queue.failed).join(' ');
    if (failedNow !== shown || Date.now() - askedAt > FAILURES_MS) {
      shown = failedNow;
      askedAt = Date.now();
      showFailures().catch(failed);
    }
  }

  async function showFailures() {
    const { items } = await get('/api/failures', {}, signal);
    if (JSON.stringify(items) === listed) return;
    listed = JSON.stringify(items);
    const open = new Set([...failures.querySelectorAll('details[open]')].map((each) => each.dataset.group));
    const all = items.reduce((sum, group) => sum + group.count, 0);
    const held = failures.contains(document.activeElement) || document.activeElement === document.body ? pressed : null;
    const waiting = items.filter((group) => group.queue === 'inbox').reduce((sum, group) => sum + group.count, 0);
    const what = [all > waiting && `${many(all - waiting, 'job')} failed`, waiting && `${many(waiting, 'file')} of the inbox could not be taken`].filter(Boolean);
    put(failures, h('div', { class: 'toolbar' }, h('h2', { id: 'failures' }, what.join(', ') || 'Nothing failed'),
      all > 0 && h('button', { type: 'button', on: { click: doing(() => replay({})) } }, 'Try all again')), items.map((group) => failureGroup(group, open)));
    if (held) [...failures.querySelectorAll('button')].find((each) => each.ariaLabel === held)?.focus({ preventScroll: true });
  }

  async function replay(which) {
    const { queued } = await post(`/api/failures/replay?${new URLSearchParams(which)}`);
    say(`${many(queued, which.queue === 'inbox' ? 'file' : 'job')} will be tried again.`);
    await look();
  }

  function failureGroup(group, open) {
    const name = `${group.queue} ${group.cause}`;
    const inbox = group.queue === 'inbox'; // its files are no photos yet
    const { words } = group;
    const part = h('details', { class: 'card failure', data: { group: name } },
      h('summary', {}, h('strong', {}, words), inbox ? ` · ${many(group.count, 'file')} of the inbox, tried again by itself` : ` · ${(first[group.queue]?.title ?? group.queue).toLowerCase()} of ${many(group.count, 'photo')}`),
      h('ul', {}, group.failures.map((one) => h('li', {}, inbox ? h('bdi', {}, one.filename) : h('a', { href: `#/photos/${one.photo_id}` }, h('bdi', {}, one.filename)), h('p', {}, one.error),
        one.id !== null && h('button', { type: 'button', 'aria-label': `Try ${one.filename.slice(0, 80)} again`, on: { click: doing(async () => { await post(`/api/failures/${one.id}/replay`); await look(); }) } }, 'Try again')))),
      group.count > group.failures.length && h('p', { class: 'quiet-text' }, `and ${count(group.count - group.failures.length)} more`));
    part.open = open.has(name) || group.failures.length <= 3;
    return h('div', { class: 'failure-row' }, part, h('button', { type: 'button', 'aria-label': `Try again: ${words}, ${group.queue}`, on: { click: doing(() => replay({ queue: group.queue, cause: group.cause })) } },
      `Try ${group.count === 1 ? 'it' : `all ${count(group.count)}`} again`));
  }

  function card(name, { title: words, about: what, own }) {
    const figures = ['waiting', 'running', 'done', 'skipped', 'failed', 'per minute', 'time left'].map((label) => [label, h('dd', {}, '–')]);
    const bar = h('progress', { max: 1, value: 0, 'aria-label': `${words} done` });
    const why = h('p', { class: 'warning', hidden: true });
    let paused = false;
    const button = h('button', { type: 'button', on: { click: doing(async () => {
      const to = paused ? 'resume' : 'pause';
      apply(await post(`/api/queues/${name}/${to}`));
      did(`${words} ${to === 'pause' ? 'paused' : 'resumed'}.`, () => post(`/api/queues/${name}/${to === 'pause' ? 'resume' : 'pause'}`).then(apply));
    }) } }, 'Pause');
    const missing = h('button', { type: 'button', hidden: true, on: { click: doing(async () => {
      const { queued } = await post(`/api/queues/${name}/missing`);
      say(`${words}: ${many(queued, 'photo')} queued.`);
      await look();
    }) } }, '');
    const state = h('span', { class: 'state' });
    const element = h('section', { class: 'card queue', 'aria-labelledby': `queue-${name}`, data: { queue: name } },
      h('div', { class: 'toolbar' }, h('h2', { id: `queue-${name}` }, words), state, button), h('p', { class: 'quiet-text' }, what), bar, why, missing, h('dl', {}, figures.map(([label, value]) => h('div', {}, h('dt', {}, label), value))));
    function apply(queue) {
      const ended = queue.done + queue.skipped + queue.failed;
      const all = ended + queue.queued + queue.running;
      paused = queue.paused;
      missing.hidden = !own || all >= photos || queue.workers === 0;
      text(missing, `Do it for ${many(photos - all, 'photo')} that came before`);
      text(button, paused ? 'Resume' : 'Pause');
      button.setAttribute('aria-label', `${paused ? 'Resume' : 'Pause'} ${words.toLowerCase()}`);
      text(state, paused ? 'paused' : queue.waiting && queue.queued ? 'waits' : queue.running ? 'works' : '');
      element.classList.toggle('paused', paused);
      why.hidden = !queue.waiting;
      text(why, queue.waiting ?? '');
      bar.value = all ? ended / all : 1;
      const values = [queue.queued, queue.running, queue.done, queue.skipped, queue.failed].map(count)
        .concat([count(Math.round(queue.per_minute)), queue.queued ? (paused ? 'paused' : duration(queue.eta_seconds)) : '–']);
      values.forEach((value, n) => text(figures[n][1], value));
      figures[4][1].classList.toggle('bad-text', queue.failed > 0);
    }
    return { element, show: apply };
  }

  async function look() {
    show(await get('/api/queues', {}, signal));
  }
  const soon = seldom(500, () => { if (!signal.aborted && !document.hidden) look().catch((problem) => { if (problem.status !== 0) failed(problem); }); });
  listen(signal, {
    step(step) {
      if (step.step === 'trash') shown = ''; // its failures come and go with it
      soon();
    },
    missed: soon,
  });
  const poll = setInterval(soon, POLL_MS);
  signal.addEventListener('abort', () => clearInterval(poll));
  await look();
}
