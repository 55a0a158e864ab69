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
    told(total) {
      empty.hidden = total > 0;
    },
  });
  window.addEventListener('undone', all.again, { signal });
  window.addEventListener('decided', all.again, { signal });
}

function entry(decision) {
  return h('li', { class: decision.undone ? 'decision undone' : 'decision', id: `decision-${decision.id}` },
    h('span', { class: 'number' }, `${decision.id}`),
    h('div', {}, h('p', {}, h('bdi', {}, decision.sentence)),
      h('p', { class: 'quiet-text' }, when(decision.at), ' · ', h('bdi', {}, decision.who),
        decision.undone && ` · undone${decision.undone_by ? ` by ${decision.undone_by}` : ''}`),
      decision.changes.length > 0 && faces(decision)),
    act(decision));
}

/** What was undone is done again by undoing its undo. */
function act(decision) {
  const id = decision.undone ? decision.undone_by : decision.id;
  const again = decision.undone || decision.action === 'undo';
  if (!id || decision.action.startsWith('photo-') || (decision.undone && decision.action === 'undo')) return null;
  return h('button', { type: 'button', 'aria-label': `${again ? 'Do again' : 'Undo'} ${decision.id}`, on: { click: doing(async () => {
    decided(await post(`/api/decisions/${id}/undo`));
    window.dispatchEvent(new Event('decided'));
  }) } }, again ? 'Do again' : 'Undo');
}

/** The crops are made when they are asked for: only who looks costs the work. */
function faces(decision) {
  const box = h('div', { class: 'crops' });
  const details = h('details', { on: { toggle: () => {
    if (!details.open || box.firstChild) return;
    const some = decision.changes.slice(0, FACES);
    put(box, some.map(({ face }) => h('img', { src: `/api/faces/${face}/crop`, alt: `Face ${face}`, width: 64, height: 64, loading: 'lazy' })),
      decision.faces > some.length && h('span', {}, `and ${many(decision.faces - some.length, 'more', 'more')}`));
  } } }, h('summary', {}, many(decision.faces, 'face')), box);
  return details;
}
