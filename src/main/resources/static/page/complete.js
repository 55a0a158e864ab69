// Completion of what is typed: a combobox with a list, after the ARIA Authoring Practices Guide
// (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). The list lies in the top layer, so no box that scrolls and no dialog cuts it off.
import { get } from './api.js';
import { h, put } from './dom.js';
import { failed } from './say.js';
import { many } from './words.js';

const PAUSE_MS = 100;
const ROWS = 12;
const GAP = 4; // pixels between the field and its list
let made = 0;

/**
 * @typedef {object} Option `label` is shown, and stands in the field once picked; `more` is said behind it; `picture` is an address, null
 *   where this option has none and undefined where no option has; `value` is what the source knows it by
 */

/**
 * Completes what is typed into a field. ArrowUp and ArrowDown choose, Enter picks, Escape closes the list and Tab leaves it; an option whose
 * label is what was typed, in any case, is chosen from the start.
 * @param {HTMLInputElement} input with a label of its own
 * @param {object} ways
 * @param {(q: string, signal: AbortSignal) => Promise<Option[]>} ways.options
 * @param {(option: Option|null, text: string) => void} ways.pick null: the text alone, trimmed; it may be empty
 * @param {boolean} ways.free false: only an option can be picked, and Enter takes the first where none is chosen
 * @returns {{clear: () => void}} clear empties the field
 */
export function complete(input, { options, pick, free = true }) {
  const id = `options-${++made}`;
  const list = h('ul', { id, class: 'options', role: 'listbox', popover: 'manual', on: { mousedown: (event) => event.preventDefault() } });
  let found = [];
  let active = -1;
  let asking = null;
  let timer = 0;
  let open = null;
  let entered = false; // Enter came before the answer

  for (const [name, value] of Object.entries({
    role: 'combobox', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
    'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': id,
  })) input.setAttribute(name, value);

  const typed = () => input.value.trim();

  function forget() {
    clearTimeout(timer);
    timer = 0;
    asking?.abort();
    asking = null;
    entered = false;
  }

  function askSoon() {
    forget();
    choose(-1);
    timer = setTimeout(ask, PAUSE_MS);
  }

  async function ask() {
    const waited = entered;
    forget();
    entered = waited;
    const mine = asking = new AbortController();
    try {
      const answer = await options(typed(), mine.signal);
      if (mine.signal.aborted) return;
      asking = null;
      show(answer);
      if (entered) enter();
    } catch (problem) {
      if (mine.signal.aborted) return;
      if (entered) failed(problem);
      close();
    }
  }

  function show(answer) {
    found = answer;
    if (!found.length || document.activeElement !== input) {
      hide();
      return;
    }
    put(list, found.map(row));
    if (!open) unfold();
    place();
    const same = found.findIndex((option) => option.label.toLowerCase() === typed().toLowerCase());
    choose(same < 0 && !free && typed() ? 0 : same);
  }

  function row(option, index) {
    return h('li', { id: `${id}-${index}`, role: 'option', 'aria-selected': 'false', on: { click: () => take(option) } },
      option.picture && h('img', { src: option.picture, alt: '', width: 32, height: 32 }),
      option.picture === null && h('span', { class: 'faceless' }),
      h('bdi', {}, option.label), option.more && h('small', {}, option.more));
  }

  function unfold() {
    open = new AbortController();
    const { signal } = open;
    (input.closest('dialog') ?? document.body).append(list);
    list.showPopover();
    input.setAttribute('aria-expanded', 'true');
    window.addEventListener('scroll', place, { signal, capture: true, passive: true });
    window.addEventListener('resize', place, { signal });
    window.addEventListener('hashchange', close, { signal });
    document.addEventListener('focusin', close, { signal }); // where a view has replaced the field
  }

  /** Below the field where there is room, else above it. */
  function place() {
    const field = input.getBoundingClientRect();
    const wide = document.documentElement.clientWidth;
    const width = Math.min(wide - 2 * GAP, Math.max(field.width, 256));
    const below = (window.visualViewport?.height ?? window.innerHeight) - field.bottom - 2 * GAP;
    const up = below < Math.min(list.scrollHeight, 200) && field.top > below;
    const set = (name, pixels) => list.style.setProperty(name, pixels === null ? 'auto' : `${Math.round(pixels)}px`);
    set('left', Math.max(GAP, Math.min(field.left, wide - width - GAP)));
    set('width', width);
    set('max-height', Math.max(80, Math.min(420, up ? field.top - 2 * GAP : below)));
    set('top', up ? null : field.bottom + GAP);
    set('bottom', up ? window.innerHeight - field.top + GAP : null);
  }

  function choose(index) {
    list.children[active]?.setAttribute('aria-selected', 'false');
    active = index;
    const chosen = list.children[active];
    if (chosen) {
      chosen.setAttribute('aria-selected', 'true');
      chosen.scrollIntoView({ block: 'nearest' });
      input.setAttribute('aria-activedescendant', chosen.id);
    } else {
      input.removeAttribute('aria-activedescendant');
    }
  }

  function hide() {
    choose(-1);
    open?.abort();
    open = null;
    list.remove();
    input.setAttribute('aria-expanded', 'false');
  }

  function close() {
    forget();
    hide();
  }

  function take(option) {
    close();
    input.value = option.label;
    pick(option, option.label);
  }

  function enter() {
    if (active >= 0) {
      take(found[active]);
    } else if (free) {
      const words = typed();
      close();
      pick(null, words);
    } else if (timer || asking) {
      entered = true;
      if (timer) ask();
    }
  }

  /** One row on, past the ends by way of the text itself. */
  function step(by) {
    const rows = found.length + 1;
    if (open) choose(((active + 1 + by + rows) % rows) - 1);
    else ask();
  }

  input.addEventListener('input', askSoon);
  input.addEventListener('click', () => open || ask());
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') step(event.key === 'ArrowDown' ? 1 : -1);
    else if (event.key === 'Enter') enter();
    else if (event.key === 'Escape' && open) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  return {
    clear() {
      close();
      input.value = '';
    },
  };
}

/** What a person is called; whoever has no name yet goes by its number. */
export const called = (person) => person.name ?? `Person ${person.id}`;

/** The people whose names begin so. @returns {Promise<Option[]>} value: the person's id; `person`: all the API tells of it */
export async function people(q, signal) {
  const { items } = await get('/api/people', { q: q.slice(0, 200), size: ROWS }, signal);
  return items.map((person) => ({ value: person.id, label: called(person), picture: person.crop, more: many(person.photos, 'photo'), person }));
}

/** The places whose names contain it. @returns {Promise<Option[]>} value: the name */
export async function places(q, signal) {
  return named((await get('/api/places', { q: q.slice(0, 200) }, signal)).items);
}

/** The cameras whose names contain it. @returns {Promise<Option[]>} value: the name */
export async function cameras(q, signal) {
  const { items } = await get('/api/cameras', {}, signal);
  return named(items.filter((camera) => camera.name.toLowerCase().includes(q.toLowerCase())).slice(0, 50));
}

const named = (items) => items.map((item) => ({ value: item.name, label: item.name, more: many(item.photos, 'photo') }));
