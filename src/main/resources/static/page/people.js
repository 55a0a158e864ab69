// The people: who they are, how many photos and suggestions each has; to rename and to merge them; and what was decided.
import { get, patch, post } from './api.js';
import { called, complete, people } from './complete.js';
import { h, put, text } from './dom.js';
import { history } from './history.js';
import { keys } from './keys.js';
import { pages } from './pages.js';
import { decided, doing } from './say.js';
import { count, many } from './words.js';

export const title = 'People';
const PAUSE_MS = 150;

export function open(main, place) {
  const tabs = [['#/people', 'All'], ['#/people?show=history', 'History']].map(([href, words]) => h('a', { href, class: 'tab' }, words));
  const box = h('div', {});
  main.append(h('nav', { class: 'tabs', 'aria-label': 'People' }, tabs), box);
  let part = null;
  let stop = new AbortController();
  place.signal.addEventListener('abort', () => stop.abort());

  function change({ query }) {
    const wanted = query.show === 'history' ? 1 : 0;
    if (wanted === part) return;
    part = wanted;
    tabs.forEach((tab, i) => (i === part ? tab.setAttribute('aria-current', 'page') : tab.removeAttribute('aria-current')));
    stop.abort();
    stop = new AbortController();
    put(box);
    [everyone, history][part](box, stop.signal);
  }
  change(place);
  return { change };
}

function everyone(box, signal) {
  const search = h('input', { type: 'search', id: 'find', maxlength: 200, autocomplete: 'off', spellcheck: 'false' });
  const found = h('p', { role: 'status' });
  const list = h('ul', { class: 'people-list' });
  const empty = h('div', { class: 'empty', hidden: true });
  let timer = 0;
  put(box, h('div', { class: 'toolbar' }, h('label', { for: 'find' }, 'Find'), search, found), list, empty);

  const wanted = () => search.value.trim();
  const all = pages(list, {
    signal,
    load: (query, until) => get('/api/people', { ...query, q: wanted() }, until),
    row: card,
    told(total) {
      text(found, total ? many(total, 'person', 'people') : '');
      empty.hidden = total > 0;
      put(empty, wanted() ? h('p', {}, 'Nobody’s name begins with ', h('q', {}, h('bdi', {}, wanted())), '.')
        : [h('h2', {}, 'Nobody has a name yet'), h('p', {}, 'Name a face, and whoever is like it is suggested to be that person.'),
          h('p', {}, h('a', { href: '#/review', class: 'button' }, 'Name faces'))]);
    },
  });

  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(all.afresh, PAUSE_MS);
  });
  window.addEventListener('undone', all.again, { signal });
  window.addEventListener('decided', all.again, { signal });

  const cards = () => [...list.children];
  const here = () => document.activeElement?.closest?.('.person');
  const go = (to) => cards()[to]?.querySelector('a').focus();
  const step = (by) => go(here() ? Math.max(0, cards().indexOf(here()) + by) : 0);
  const columns = () => cards().findIndex((each) => each.offsetTop > list.firstChild.offsetTop);
  const row = (by) => step(by * Math.max(1, columns()));
  const press = (name) => here()?.querySelector(`[data-does=${name}]`)?.click();
  keys(signal, {
    '/': ['find a person', () => search.focus()],
    ArrowRight: ['the next person', () => step(1)],
    ArrowLeft: ['the person before', () => step(-1)],
    ArrowDown: ['a row down', () => row(1)],
    ArrowUp: ['a row up', () => row(-1)],
    n: ['rename the person', () => press('rename')],
    m: ['merge the person into another', () => press('merge')],
  });
}

const crop = (person, size) => (person.crop
  ? h('img', { src: person.crop, alt: '', width: size, height: size, loading: 'lazy', decoding: 'async' })
  : h('span', { class: 'faceless', title: 'No photo of this face is there' }));

function card(person) {
  const name = h('h2', { title: called(person) }, h('bdi', {}, called(person)));
  const button = (does, words, act) => h('button', { type: 'button', class: 'quiet', data: { does }, 'aria-label': `${words} ${called(person)}`, on: { click: act } }, words);
  return h('li', { class: 'card person' },
    h('a', { href: `#/photos?person=${person.id}`, class: 'to-photos', 'aria-label': `${called(person)}: ${many(person.photos, 'photo')}` }, crop(person, 112)),
    name,
    h('p', { class: 'quiet-text' }, many(person.photos, 'photo'), ' · ', many(person.confirmed, 'face')),
    person.suggested > 0 && h('a', { href: `#/review?person=${person.id}`, 'aria-label': `Review ${many(person.suggested, 'face')} suggested to be ${called(person)}` },
      `${count(person.suggested)} suggested`),
    h('div', { class: 'acts' }, button('rename', 'Rename', () => rename(person, name)), button('merge', 'Merge', () => merge(person))));
}

/** In place of the name a field; Enter renames, Escape leaves all as it is. */
function rename(person, name) {
  if (!name.isConnected) return;
  const back = document.activeElement;
  const field = h('input', { 'aria-label': 'New name', value: person.name, maxlength: 255, required: true, autocomplete: 'off' });
  const form = h('form', { class: 'rename' }, field, h('button', { class: 'primary' }, 'Save'),
    h('button', { type: 'button', class: 'quiet', on: { click: leave } }, 'Cancel'));
  function leave() {
    form.replaceWith(name);
    back?.focus();
  }
  form.addEventListener('keydown', (event) => event.key === 'Escape' && leave());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    save();
  });
  const save = doing(async () => {
    const wanted = field.value.trim();
    if (wanted && wanted !== person.name) {
      await patch(`/api/faces/${person.id}`, { name: wanted });
      const { items } = await get('/api/decisions', { size: 10 });
      const decision = items.find((each) => each.action === 'name' && !each.undone && each.changes.some((change) => change.face === person.id));
      if (decision) decided({ decision });
      window.dispatchEvent(new Event('decided'));
    }
    leave();
  });
  name.replaceWith(form);
  field.focus();
  field.select();
}

/** Which of two a name is for is seen by their faces: both are shown before anything is done. */
function merge(person) {
  let one = person;
  let other = null;
  const field = h('input', { id: 'merge-into' });
  const pair = h('div', { class: 'pair' });
  const go = h('button', { type: 'button', class: 'primary', disabled: true, on: { click: doing(join) } });
  const swap = h('button', { type: 'button', disabled: true, on: { click: turn } }, 'The other way round');
  const dialog = h('dialog', { class: 'merge', 'aria-labelledby': 'merge-title', on: { close: () => dialog.remove() } },
    h('h2', { id: 'merge-title' }, 'Make one person of two'),
    h('p', {}, h('label', { for: 'merge-into' }, 'The other person'), ' ', field), pair,
    h('div', { class: 'toolbar' }, go, swap, h('button', { type: 'button', class: 'quiet', on: { click: () => dialog.close() } }, 'Cancel')));

  const figure = (who, words) => h('figure', {}, crop(who, 160), h('figcaption', {}, h('strong', {}, h('bdi', {}, called(who))),
    h('span', {}, `${many(who.confirmed, 'face')}, ${many(who.photos, 'photo')}`), h('span', { class: 'quiet-text' }, words)));

  function show() {
    put(pair, figure(one, other ? 'goes' : ''), h('span', { class: 'into', 'aria-hidden': 'true' }, '→'),
      other ? figure(other, 'remains') : h('figure', {}, h('span', { class: 'faceless' }), h('figcaption', {}, h('span', { class: 'quiet-text' }, 'Choose whom'))));
    go.disabled = swap.disabled = !other;
    put(go, other ? [`Make ${many(one.confirmed, 'face')} `, h('bdi', {}, called(other))] : 'Merge');
  }

  function turn() {
    [one, other] = [other, one];
    show();
  }

  async function join() {
    const answer = await post(`/api/people/${one.id}/merge`, { into: other.id });
    dialog.close();
    decided(answer, `${many(answer.changed, 'face')} changed.`);
    window.dispatchEvent(new Event('decided'));
  }

  complete(field, {
    free: false,
    options: async (q, signal) => (await people(q, signal)).filter((option) => option.value !== person.id),
    pick(option) {
      one = person;
      other = option.person;
      show();
      go.focus();
    },
  });
  document.body.append(dialog);
  show();
  dialog.showModal();
  field.focus();
}
