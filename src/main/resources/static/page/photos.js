// Look: all photos by date, filters, and one photo large above them.
import { h, put, text } from './dom.js';
import { about, get, post, remove, search } from './api.js';
import { did, failed } from './say.js';
import { keys } from './keys.js';
import { listen } from './events.js';
import { complete, people, places, cameras } from './complete.js';
import { photoGrid, photoAddress } from './grid.js';
import { count, many, month } from './words.js';

export const title = 'Photos';

const TYPING_MS = 250;
const RATINGS = { '': 'any', 1: '★ or more', 2: '★★ or more', 3: '★★★ or more', 4: '★★★★ or more', 5: '★★★★★' };
const ORDERS = { '': 'when taken', added: 'when added' };
const ONLY = { '': 'all', dateless: 'without a date', damaged: 'damaged', placeless: 'without a place', failed: 'with a failed step' };

export async function open(main, place) {
  const { signal } = place;
  let query = null;
  let viewer = null;
  let turn = 0;
  const grid = await photoGrid(main, { address: (photo) => photoAddress(photo.id, query), moved, loaded, signal });
  const where = h('p', { class: 'now', role: 'status' });
  const filters = filterBar((wanted) => { location.hash = `#/photos${search(wanted)}`; });
  const years = h('nav', { class: 'years', 'aria-label': 'Years' });
  const nothing = h('div', { class: 'empty', hidden: true });
  main.querySelector('h1').className = 'visually-hidden';
  main.append(h('div', { class: 'sticky' }, filters.element, where), nothing, h('div', { class: 'photos-body' }, grid.element, years));

  function moved(top, total) {
    text(where, top ? `${month(top.month)} · ${many(total, 'photo')} in all` : '');
  }

  let shownYears = '';
  function loaded(now, total) {
    if (total) nothing.hidden = true;
    else sayWhy().catch(failed);
    if (shownYears === now.join()) return;
    shownYears = now.join();
    put(years, now.map((year) => h('button', { type: 'button', class: 'quiet', on: { click: () => grid.year(year) } }, year)));
    years.hidden = now.length < 2;
  }

  /** There is nothing to see: because of the filters, or since nothing has come in yet. */
  async function sayWhy() {
    const words = await (Object.keys(query).length ? noneFits() : firstStart());
    if (grid.total) return;
    put(nothing, words);
    nothing.hidden = false;
  }

  async function show(wanted) {
    query = wanted;
    filters.set(wanted);
    main.scrollTop = 0;
    try {
      await grid.show(apiQuery(wanted));
    } catch (problem) {
      failed(problem);
    }
  }

  async function change(now) {
    const mine = ++turn;
    if (JSON.stringify(now.query) !== JSON.stringify(query)) await show(now.query);
    if (now.id) {
      const { photoViewer } = await import('./photo.js');
      if (mine !== turn) return;
      viewer ??= photoViewer({ grid, trash, signal, leave: (id) => close(id), address: (id) => photoAddress(id, query) });
      await viewer.show(now.id);
    } else {
      viewer?.hide();
    }
  }

  function close(id) {
    location.hash = `#/photos${search(query)}`;
    const index = grid.known(id);
    if (index >= 0) grid.focus(index);
  }

  async function trash(photo) {
    await remove(`/api/photos/${photo.id}`);
    await grid.reload();
    did(`${photo.filename.slice(0, 80)} lies in the trash.`, async () => {
      await post(`/api/photos/${photo.id}/restore`);
      await grid.reload();
    });
  }

  listen(signal, {
    step(step) {
      grid.step(step);
      if (step.step === 'intake' || step.step === 'trash' || step.step === 'metadata') grid.refresh();
    },
    missed: grid.refresh,
  });
  window.addEventListener('undone', () => grid.reload(), { signal });
  keys(signal, {
    ArrowRight: ['next photo', () => grid.focus(grid.current + 1)],
    ArrowLeft: ['photo before', () => grid.focus(grid.current - 1)],
    ArrowDown: ['a row down', () => grid.focus(grid.current + grid.columns)],
    ArrowUp: ['a row up', () => grid.focus(grid.current - grid.columns)],
    PageDown: ['a screen down', () => grid.focus(grid.current + grid.columns * grid.rowsSeen)],
    PageUp: ['a screen up', () => grid.focus(grid.current - grid.columns * grid.rowsSeen)],
    Home: ['the newest', () => grid.focus(0)],
    End: ['the oldest', () => grid.focus(grid.total - 1)],
    Enter: ['open the photo', () => {
      const photo = grid.at(grid.current);
      if (photo) location.hash = photoAddress(photo.id, query);
    }],
    Delete: ['put it into the trash', () => {
      const photo = grid.at(grid.current);
      if (photo) trash(photo).catch(failed);
    }],
    '/': ['search', () => filters.focus()],
  });

  await change(place);
  return { change };
}

/** What the address says, as the API asks for it. */
function apiQuery({ only, ...rest }) {
  if (only === 'damaged') return { ...rest, damaged: true };
  if (only === 'dateless') return { ...rest, dated: false };
  if (only === 'placeless') return { ...rest, placed: false };
  if (only === 'failed') return { ...rest, state: 'failed' };
  return rest;
}

/** The filters; `wish` is told what is wanted as soon as it changes. */
function filterBar(wish) {
  const input = (name, properties) => h('input', { id: `filter-${name}`, name, autocomplete: 'off', ...properties });
  const fields = {
    q: input('q', { type: 'search', placeholder: 'Name, words, place, camera, person, July 2012', maxlength: 200 }),
    keyword: input('keyword', { type: 'text', maxlength: 200 }),
    rating: h('select', { id: 'filter-rating', name: 'rating' }, Object.entries(RATINGS).map(([value, words]) => h('option', { value }, words))),
    person: input('person', { type: 'text', maxlength: 200 }),
    place: input('place', { type: 'text', maxlength: 200 }),
    city: input('city', { type: 'text', maxlength: 200 }),
    country: input('country', { type: 'text', maxlength: 200 }),
    camera: input('camera', { type: 'text', maxlength: 200 }),
    from: input('from', { type: 'date' }),
    to: input('to', { type: 'date' }),
    order: h('select', { id: 'filter-order', name: 'order' }, Object.entries(ORDERS).map(([value, words]) => h('option', { value }, words))),
    only: h('select', { id: 'filter-only', name: 'only' }, Object.entries(ONLY).map(([value, words]) => h('option', { value }, words))),
  };
  let person = null; // the id behind the name
  let timer = 0;
  const labelled = (name, words) => h('div', { class: 'field' }, h('label', { for: `filter-${name}` }, words), fields[name]);
  const more = h('details', { class: 'more' }, h('summary', {}, 'Filters'),
    h('div', { class: 'fields' }, labelled('person', 'Person'), labelled('place', 'Place'), labelled('city', 'City'), labelled('country', 'Country'), labelled('camera', 'Camera'), labelled('keyword', 'Keyword'), labelled('rating', 'Rating'), labelled('from', 'Taken from'),
      labelled('to', 'until'), labelled('order', 'Order'), labelled('only', 'Show')));
  const clear = h('button', { type: 'reset', class: 'quiet', hidden: true }, 'Clear');
  const element = h('form', { class: 'filters', role: 'search', 'aria-label': 'Photos', on: { submit: now, reset: () => wish({}) } },
    h('div', { class: 'field' }, h('label', { for: 'filter-q', class: 'visually-hidden' }, 'Search'), fields.q), more, clear);

  function now(event) {
    event?.preventDefault();
    clearTimeout(timer);
    const wanted = {};
    for (const [name, field] of Object.entries(fields)) {
      const value = name === 'person' ? person : field.value.trim();
      if (value) wanted[name] = String(value);
    }
    wish(wanted);
  }
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(now, TYPING_MS);
  };
  fields.q.addEventListener('input', soon);
  for (const name of ['from', 'to', 'order', 'rating', 'only']) fields[name].addEventListener('change', now);
  fields.person.addEventListener('change', () => {
    if (!fields.person.value.trim() && person) {
      person = null;
      now();
    }
  });
  for (const name of ['place', 'city', 'country', 'camera', 'keyword']) fields[name].addEventListener('change', now);
  complete(fields.person, { options: people, free: false, pick: (option) => { person = option?.value ?? null; now(); } });
  complete(fields.place, { options: places, pick: () => now() });
  complete(fields.camera, { options: cameras, pick: () => now() });

  return {
    element,
    focus: () => fields.q.focus(),
    /** Shows what the address says. */
    set(wanted) {
      for (const [name, field] of Object.entries(fields)) {
        if (name !== 'person' && document.activeElement !== field) field.value = wanted[name] ?? '';
      }
      clear.hidden = !Object.keys(wanted).length;
      if (Object.keys(wanted).some((name) => name !== 'q') && matchMedia('(min-width: 45rem)').matches) more.open = true;
      if (String(person ?? '') === (wanted.person ?? '') && (person || !fields.person.value)) return;
      person = wanted.person ?? null;
      fields.person.value = person ? '…' : '';
      if (person) get(`/api/faces/${Number(person)}`).then((face) => { fields.person.value = face.name ?? `Person ${face.id}`; }).catch(() => { fields.person.value = `Person ${person}`; });
    },
  };
}

const noneFits = () => [h('h2', {}, 'No photo fits'), h('p', {}, 'None of the photos has all that you ask for.'),
  h('p', {}, h('a', { href: '#/photos', class: 'button' }, 'Show all photos'))];

/** Nothing is there yet: what to do, and which part would wait, and why. */
async function firstStart() {
  const [told, queues] = await Promise.all([about(), get('/api/queues')]);
  const waiting = Object.entries(queues).filter(([, queue]) => queue.waiting || queue.paused);
  return [h('h2', {}, 'No photos yet'),
    h('p', {}, 'Drop photos or whole folders anywhere on this page, or copy them into the watched folder:'),
    h('p', {}, h('code', {}, told.inbox)),
    h('p', {}, h('a', { href: '#/add', class: 'button primary' }, 'Add photos')),
    h('p', {}, `Thumbnails, dates, places and faces then appear by themselves. Originals are never changed.`),
    told.geocoding && /nominatim\.openstreetmap\.org/.test(told.nominatim.url) && h('p', { class: 'quiet-text' },
      `Places are asked of ${new URL(told.nominatim.url).host}, by rounded coordinates alone, at most one each ${count(told.nominatim.period_ms / 1000)} s.`),
    !told.geocoding && h('p', { class: 'quiet-text' }, 'Places are not asked for: CARAVEL_GEOCODING is off.'),
    waiting.length > 0 && h('section', { class: 'card waits', 'aria-labelledby': 'waits' }, h('h3', { id: 'waits' }, 'What would wait'),
      h('ul', {}, waiting.map(([name, queue]) => h('li', {}, h('strong', {}, name), ': ', queue.waiting ?? 'paused by somebody: resume it under Flow.'))))];
}
