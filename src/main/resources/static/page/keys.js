// Keys. Each view names its own with what they do; "?" lists them, and lets the single ones be turned off (WCAG 2.1.4).
import { h, put } from './dom.js';
import { undo } from './say.js';

const OFF = 'caravel.keys-off';
const maps = [];

/**
 * Keys of a view, while it is open; the last one opened is asked first.
 * @param {AbortSignal} signal
 * @param {Object<string, [string, (event: KeyboardEvent) => void]>} map by KeyboardEvent.key: what it does in words, and the doing; without words it
 *   is not listed, without a doing the browser does it. `only: true`: no other view is asked, since a dialog lies above it
 */
export function keys(signal, map) {
  if (signal.aborted) return;
  maps.push(map);
  signal.addEventListener('abort', () => maps.splice(maps.indexOf(map), 1));
}

const typing = (element) => element instanceof HTMLElement
  && (element.isContentEditable || element.matches('input:not([type=checkbox], [type=range], [type=radio]), textarea, select'));

/** A button or link that has the focus takes Enter and Space for itself. */
const pressed = (element, key) => (key === 'Enter' || key === ' ') && element instanceof HTMLElement
  && element.matches('button, a[href], summary, input') && !element.matches('[data-keys]');

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || typing(event.target)) return;
  // A key held down moves, but decides nothing.
  if (event.repeat && !/^(Arrow|Page)/.test(event.key)) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'z') {
    event.preventDefault();
    undo();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '?') {
    event.preventDefault();
    help();
    return;
  }
  const single = event.key.length === 1 && event.key !== ' ';
  if (pressed(event.target, event.key) || (single && localStorage.getItem(OFF))) return;
  for (const map of maps.toReversed()) {
    const entry = map[event.key];
    if (entry) {
      if (!entry[1]) return; // the browser does it
      event.preventDefault();
      entry[1](event);
      return;
    }
    if (map.only) return;
  }
});

const NAMES = { ' ': 'Space', ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', 1: '1–9' };

/** Lists the keys that do something here. */
export function help() {
  const dialog = document.getElementById('keys');
  if (dialog.open) return;
  const rows = maps.toReversed().flatMap((map) => Object.entries(map)).filter(([, entry]) => entry[0])
    .concat([['Ctrl-Z', ['take back what was done last']], ['?', ['show this list']]])
    .map(([key, [what]]) => h('tr', {}, h('td', {}, h('kbd', {}, NAMES[key] ?? key)), h('td', {}, what)));
  const off = h('input', { type: 'checkbox', on: { change: () => (off.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, '1')) } });
  off.checked = !localStorage.getItem(OFF);
  put(dialog, h('h2', { id: 'keys-title' }, 'Keys'), h('table', {}, h('tbody', {}, rows)),
    h('p', {}, h('label', {}, off, ' Single letters act at once')),
    h('form', { method: 'dialog' }, h('button', {}, 'Close')));
  const stop = new AbortController();
  keys(stop.signal, { only: true });
  dialog.addEventListener('close', () => stop.abort(), { once: true });
  dialog.showModal();
}
