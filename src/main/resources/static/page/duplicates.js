// Photos that look the same, group by group and side by side: the best stays, the others go into the trash as one decision.
import { get, post, thumbnails } from './api.js';
import { h, put, text } from './dom.js';
import { keys } from './keys.js';
import { pages } from './pages.js';
import { decided, doing } from './say.js';
import { bytes, many, taken } from './words.js';

export const title = 'Duplicates';

export async function open(main, { signal }) {
  const { small } = await thumbnails();
  const list = h('ol', { class: 'duplicates' });
  const found = h('p', { role: 'status' });
  const all = h('button', { type: 'button', on: { click: doing(() => trash(marked(list))) } });
  const tools = h('div', { class: 'toolbar', hidden: true }, found, all);
  const empty = h('div', { class: 'empty', hidden: true }, h('h2', {}, 'No photo is there twice'),
    h('p', {}, 'The same picture in another size, format or quality, or with other metadata, would stand here beside its best copy.'));
  put(main, h('h1', {}, title), tools, list, empty);

  const marked = (box) => [...box.querySelectorAll('input:checked')].map((each) => Number(each.value));
  const words = (n) => (n ? `Put ${many(n, 'photo')} into the trash` : 'Nothing is chosen');

  function chosen() {
    for (const group of list.children) {
      const n = marked(group).length;
      const go = group.querySelector('button');
      go.disabled = n === 0;
      text(go, words(n));
    }
    const n = marked(list).length;
    all.disabled = n === 0;
    text(all, n ? `Put the ${many(n, 'photo')} chosen here into the trash` : words(n));
  }
  list.addEventListener('change', chosen);

  async function trash(ids) {
    if (!ids.length) return;
    decided(await post('/api/photos/actions', { photos: ids, action: 'trash' }));
    window.dispatchEvent(new Event('decided'));
    await groups.again();
  }

  const gone = (event) => event.target.replaceWith(h('span', { class: 'faceless' }));
  const photo = (each, i) => h('li', {},
    h('a', { href: `#/photos/${each.id}` }, h('img', { src: small(each.id), alt: each.filename.slice(0, 120), loading: 'lazy', decoding: 'async', on: { error: gone } })),
    h('bdi', { title: each.filename }, each.filename),
    h('p', { class: 'quiet-text' }, each.width && `${each.width} × ${each.height}, `, bytes(each.bytes), ', ', each.mime_type),
    h('p', { class: 'quiet-text' }, each.taken_at ? taken(each.taken_at) : 'no date'),
    h('label', { class: 'check' }, h('input', { type: 'checkbox', value: each.id, checked: i > 0 }), i ? 'To the trash' : 'The best: stays'));
  const row = (group) => h('li', { class: 'card' }, h('ul', {}, group.photos.map(photo)),
    h('button', { type: 'button', data: { does: 'trash' }, class: 'primary', on: { click: doing((event) => trash(marked(event.target.closest('.card')))) } }, ''));

  const groups = pages(list, {
    signal,
    row,
    load: (query, until) => get('/api/duplicates', query, until),
    told(total) {
      text(found, total ? many(total, 'group') : '');
      empty.hidden = total > 0;
      tools.hidden = total === 0;
      chosen();
    },
  });
  window.addEventListener('undone', groups.again, { signal });

  const cards = () => [...list.children];
  const here = () => document.activeElement?.closest('.duplicates > li');
  const step = (by) => cards()[here() ? Math.max(0, cards().indexOf(here()) + by) : 0]?.querySelector('button').focus();
  keys(signal, {
    ArrowDown: ['the next group', () => step(1)],
    ArrowUp: ['the group before', () => step(-1)],
    t: ['put what is chosen of the group into the trash', () => here()?.querySelector('button').click()],
  });
}
