// What was decided about faces, the newest first, and how each is taken back.
import { get, post } from './api.js';
import { h, put } from './dom.js';
import { pages } from './pages.js';
import { decided, doing } from './say.js';
import { many, when } from './words.js';

const FACES = 24;

/** Fills `box` with the decisions for as long as `signal` lasts. */
export function history(box, signal) {
  const list = h('ol', { class: 'history' });
  const empty = h('div', { class: 'empty', hidden: true }, h('h2', {}, 'Nothing has been decided yet'),
    h('p', {}, 'Every naming, rejection and merging of faces will stand here, and can be taken back.'));
  put(box, list, empty);
  const all = pages(list, {
    signal,
    load: (query, until) => get('/api/decisions', query, until),
    row: entry,
    told: (total) => (empty.hidden = total > 0),
  });
  window.addEventListener('undone', all.again, { signal });
  window.addEventListener('decided', all.again, { signal });
}

function entry(decision) {
  const undone = decision.undone && ` · undone${decision.undone_by ? ` by ${decision.undone_by}` : ''}`;
  return h('li', { class: undone ? 'decision undone' : 'decision' }, h('span', { class: 'number' }, String(decision.id)),
    h('div', {}, h('p', {}, h('bdi', {}, decision.sentence)),
      h('p', { class: 'quiet-text' }, when(decision.at), ' · ', h('bdi', {}, decision.who), undone), faces(decision)),
    back(decision));
}

/** What was undone is done again by undoing its undo. */
function back({ id, action, undone, undone_by: undoing }) {
  const undo = action === 'undo';
  if (action === 'put-back' || action.startsWith('photo-') || (undone && (undo || !undoing))) return null;
  // An undo may have undone an undo: taking it back is right for both.
  const words = undone ? 'Do again' : undo ? 'Take back' : 'Undo';
  return h('button', { type: 'button', 'aria-label': `${words} ${id}`, on: { click: doing(async () => {
    decided(await post(`/api/decisions/${undone ? undoing : id}/undo`));
    window.dispatchEvent(new Event('decided'));
  }) } }, words);
}

/** The crops are made when they are asked for: only who looks costs the work. */
function faces({ changes, faces: all }) {
  const box = h('div', { class: 'crops' });
  const look = (event) => {
    if (!event.target.open || box.firstChild) return;
    const some = changes.slice(0, FACES);
    put(box, some.map(({ face }) => h('img', { src: `/api/faces/${face}/crop`, alt: `Face ${face}`, width: 64, height: 64 })),
      all > some.length && ` and ${many(all - some.length, 'more', 'more')}`);
  };
  return changes.length > 0 && h('details', { on: { toggle: look } }, h('summary', {}, many(all, 'face')), box);
}
