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
  const tabs = [['#/people', 'All'], ['#/people?show=history', 'History']].map(([href, words]) => h('a', { href }, words));
  const box = h('div');
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
          h('a', { href: '#/review', class: 'button' }, 'Name faces')]);
    },
  });

  let timer = 0;
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(all.afresh, PAUSE_MS);
  });
  window.addEventListener('undone', all.again, { signal });
  window.addEventListener('decided', all.again, { signal });

  const cards = () => [...list.children];
  const here = () => document.activeElement?.closest('.person');
  const step = (by) => cards()[here() ? Math.max(0, cards().indexOf(here()) + by) : 0]?.querySelector('a').focus();
  const row = () => Math.max(1, cards().findIndex((each) => each.offsetTop > list.firstChild.offsetTop));
  const press = (name) => here()?.querySelector(`[data-does=${name}]`)?.click();
  keys(signal, {
    '/': ['find a person', () => search.focus()],
    ArrowRight: ['the next person', () => step(1)],
    ArrowLeft: ['the person before', () => step(-1)],
    ArrowDown: ['a row down', () => step(row())],
    ArrowUp: ['a row up', () => step(-row())],
    n: ['rename the person', () => press('rename')],
    m: ['merge the person with another', () => press('merge')],
  });
}

function crop(person) {
  const none = () => h('span', { class: 'faceless', title: 'No picture of this face is there' });
  const gone = (event) => event.target.replaceWith(none());
  return person.crop
    ? h('img', { src: person.crop, alt: '', width: 256, height: 256, loading: 'lazy', decoding: 'async', on: { error: gone } }) : none();
}

function card(person) {
  const who = called(person);
  const name = h('h2', { title: who }, h('bdi', {}, who));
  const act = (does, words, work) =>
    h('button', { class: 'quiet', data: { does }, 'aria-label': `${words} ${who}`, on: { click: () => work(person, name) } }, words);
  const photos = many(person.photos, 'photo');
  return h('li', { class: 'card person' },
    h('a', { href: `#/photos?person=${person.id}`, 'aria-label': `${who}: ${photos}` }, crop(person)), name,
    h('p', { class: 'quiet-text' }, `${photos} · ${many(person.confirmed, 'face')}`),
    person.suggested > 0 && h('a', { href: `#/review?person=${person.id}` }, `${count(person.suggested)} suggested`,
      h('span', { class: 'visually-hidden' }, `: review who may be ${who}`)),
    h('div', { class: 'acts' }, act('rename', 'Rename', rename), act('merge', 'Merge', merge)));
}

/** In place of the name a field; Enter renames, Escape leaves all as it is. */
function rename(person, name) {
  if (!name.isConnected) return;
  const back = document.activeElement;
  const field = h('input', { 'aria-label': 'New name', value: person.name, maxlength: 255, required: true, autocomplete: 'off' });
  const leave = () => {
    form.replaceWith(name);
    back?.focus();
  };
  const save = doing(async () => {
    const wanted = field.value.trim();
    if (wanted && wanted !== person.name) {
      await patch(`/api/faces/${person.id}`, { name: wanted });
      const { items } = await get('/api/decisions', { size: 10 });
      const decision = items.find((each) => each.action === 'name' && each.changes[0]?.face === person.id);
      if (decision) decided({ decision });
      window.dispatchEvent(new Event('decided'));
    }
    leave();
  });
  const form = h('form', { class: 'rename', on: {
    keydown: (event) => event.key === 'Escape' && leave(),
    submit(event) {
      event.preventDefault();
      save();
    },
  } }, field, h('button', { class: 'primary' }, 'Save'), h('button', { type: 'button', class: 'quiet', on: { click: leave } }, 'Cancel'));
  name.replaceWith(form);
  field.focus();
  field.select();
}

/** Whether two are one is seen by their faces: both are shown before anything is done. */
function merge(person) {
  let one = person;
  let other = null;
  const field = h('input', { id: 'merge-with' });
  const pair = h('div', { class: 'pair' });
  const go = h('button', { type: 'button', class: 'primary', on: { click: doing(join) } });
  const turn = h('button', { type: 'button', on: { click: () => show(other, one) } }, 'The other way round');
  const dialog = h('dialog', { class: 'merge', 'aria-labelledby': 'merge-title', on: { close: () => dialog.remove() } },
    h('h2', { id: 'merge-title' }, 'Make one person of two'),
    h('p', {}, h('label', { for: 'merge-with' }, 'The other person '), field), pair,
    h('div', { class: 'toolbar' }, go, turn, h('button', { type: 'button', class: 'quiet', on: { click: () => dialog.close() } }, 'Cancel')));

  const figure = (who, words) => h('figure', {}, crop(who), h('figcaption', {}, h('strong', { title: called(who) }, h('bdi', {}, called(who))),
    h('span', {}, `${many(who.confirmed, 'face')}, ${many(who.photos, 'photo')}`), h('span', { class: 'quiet-text' }, words)));

  function show(goes, remains) {
    [one, other] = [goes, remains];
    put(pair, figure(one, other ? 'goes' : ''), h('span', { 'aria-hidden': 'true' }, '→'),
      other ? figure(other, 'remains') : h('figure', {}, h('span', { class: 'faceless' }), h('figcaption', {}, 'Choose whom')));
    go.disabled = turn.disabled = !other;
    put(go, other ? [`Make ${many(one.confirmed, 'face')} `, h('bdi', {}, called(other))] : 'Merge');
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
      show(person, option.person);
      go.focus();
    },
  });
  window.addEventListener('hashchange', () => dialog.close(), { once: true });
  document.body.append(dialog);
  show(person, null);
  dialog.showModal();
  field.focus();
}
