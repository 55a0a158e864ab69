// The trash: what lies in it, until when, and back again.
import { about, get, post, remove, thumbnails } from './api.js';
import { h, put, text } from './dom.js';
import { keys } from './keys.js';
import { pages } from './pages.js';
import { did, doing, failed } from './say.js';
import { count, duration, many } from './words.js';

export const title = 'Trash';
const AT_ONCE = 4;

export async function open(main, { signal }) {
  const [{ trashed }, { trash_days: days }] = await Promise.all([thumbnails(), about()]);
  const list = h('ul', { class: 'trash-list', on: { change: chosen } });
  const all = h('input', { type: 'checkbox', on: { change: () => choose(all.checked) } });
  const allWords = h('span', {});
  const back = h('button', { type: 'button', class: 'primary', on: { click: doing(() => restore(picked())) } }, 'Restore');
  const tools = h('div', { class: 'toolbar', hidden: true }, h('label', { class: 'check' }, all, allWords), back);
  const empty = h('div', { class: 'empty', hidden: true }, h('h2', {}, 'The trash is empty'),
    h('p', {}, `A photo put into it stays for ${many(days, 'day')}, and can be taken back until then.`));
  put(main, h('h1', {}, title), tools, list, empty);

  const boxes = () => [...list.querySelectorAll('input')];
  const picked = () => boxes().filter((box) => box.checked).map((box) => Number(box.value));

  function chosen() {
    const n = picked().length;
    all.checked = n > 0 && n === boxes().length;
    all.indeterminate = n > 0 && !all.checked;
    back.disabled = n === 0;
    text(back, n ? `Restore ${count(n)}` : 'Restore');
  }

  function choose(on) {
    boxes().forEach((box) => (box.checked = on));
    chosen();
  }

  async function restore(ids) {
    const restored = [];
    let problem = null;
    const one = async (id) => {
      try {
        await post(`/api/photos/${id}/restore`);
        restored.push(id);
      } catch (failure) {
        problem = failure;
      }
    };
    await some(ids, one);
    if (restored.length) did(`${many(restored.length, 'photo')} restored.`, () => some(restored, (id) => remove(`/api/photos/${id}`)));
    if (problem) failed(problem);
    await lies.again();
    chosen();
  }

  const gone = (event) => event.target.replaceWith(h('span', { class: 'faceless' }));
  const row = (photo) => h('li', { class: 'card' },
    h('label', {}, h('input', { type: 'checkbox', value: photo.id }),
      h('img', { src: trashed(photo.id), alt: '', loading: 'lazy', decoding: 'async', on: { error: gone } }),
      h('bdi', { title: photo.filename }, photo.filename)),
    h('p', { class: 'quiet-text', title: new Date(photo.purge_at).toLocaleString() },
      `${duration((new Date(photo.purge_at) - Date.now()) / 1000)} left`),
    h('button', { type: 'button', 'aria-label': `Restore ${photo.filename}`, on: { click: doing(() => restore([photo.id])) } }, 'Restore'));

  const lies = pages(list, {
    signal,
    row,
    load: (query, until) => get('/api/trash', query, until),
    told(total) {
      empty.hidden = total > 0;
      tools.hidden = total === 0;
      const n = boxes().length;
      text(allWords, n < total ? ` the ${count(n)} newest of ${count(total)}` : ` all ${many(total, 'photo')}`);
      chosen();
    },
  });
  window.addEventListener('undone', lies.again, { signal });
  keys(signal, {
    a: ['choose all that are shown, or none', () => choose(!all.checked)],
    r: ['restore the chosen ones', () => back.click()],
  });
}

/** Does a thing to each of many, a few at a time. */
async function some(ids, work) {
  const left = [...ids];
  const next = async () => {
    while (left.length) await work(left.shift());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}
