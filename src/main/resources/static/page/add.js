// Drop photos: what is being sent, how far it is, and what was refused and why.
import { h, put, text } from './dom.js';
import { about } from './api.js';
import { uploads, addChosen } from './upload.js';
import { rows } from './rows.js';
import { bytes, count, duration, many, share } from './words.js';

export const title = 'Add photos';

const REFUSED_SHOWN = 200;
const ROW = 36;
const STATES = { waiting: 'waits', sending: 'being sent', accepted: 'taken in', exists: 'was there already', rejected: 'refused' };

export async function open(main, { signal }) {
  const files = chooser({ multiple: true });
  const folder = chooser({ webkitdirectory: true });
  const where = h('p', { class: 'quiet-text' });
  const drop = h('div', { class: 'drop' },
    h('p', { class: 'drop-call' }, 'Drop photos or whole folders here'),
    h('p', {}, h('button', { type: 'button', class: 'primary', on: { click: () => files.click() } }, 'Choose photos'), ' ',
      h('button', { type: 'button', on: { click: () => folder.click() } }, 'Choose a folder')),
    h('p', { class: 'quiet-text' }, 'Nothing is taken twice: close the page whenever you like, and drop the same folder again to go on.'),
    where, files, folder);

  const progress = h('progress', { max: 1, 'aria-label': 'Of all bytes' });
  const state = h('p', {});
  const ended = h('p', { role: 'status', class: 'visually-hidden' }); // read out: the figures alone would never stop
  const figures = h('p', { class: 'quiet-text' });
  const pause = h('p', { class: 'warning', hidden: true });
  const again = h('button', { type: 'button', on: { click: () => uploads.again() } }, 'Send the refused ones again');
  const clear = h('button', { type: 'button', class: 'quiet', on: { click: () => uploads.clear() } }, 'Clear this list');
  const refused = h('ul', { class: 'refused' });
  const more = h('p', { class: 'quiet-text' });
  const problems = h('section', { class: 'card', 'aria-labelledby': 'refused', hidden: true }, h('h2', { id: 'refused' }, 'Refused'), refused, more, again);
  const list = rows(ROW, row);
  const sending = h('section', { class: 'card', 'aria-labelledby': 'sending', hidden: true },
    h('div', { class: 'toolbar' }, h('h2', { id: 'sending' }, 'Files'), clear), state, ended, progress, figures, pause, list.element);
  main.append(drop, problems, sending);

  let shownRefusals = '';
  function show() {
    const { counts, sent } = uploads;
    const all = uploads.files.length;
    const done = all - uploads.left;
    const bad = uploads.unreadable.concat(uploads.files.filter((each) => each.state === 'rejected'));
    sending.hidden = !all && !uploads.looking;
    progress.value = uploads.bytes ? sent / uploads.bytes : 1;
    text(state, uploads.looking ? `Looking through the folders: ${many(all + uploads.looking, 'photo')} so far.`
      : uploads.left ? `${count(done)} of ${many(all, 'file')} sent, ${share(sent, uploads.bytes)}.`
        : `All ${many(all, 'file')} sent: ${count(counts.accepted)} taken in, ${count(counts.exists)} there already, ${count(bad.length)} refused.`);
    text(figures, uploads.left
      ? `${bytes(sent)} of ${bytes(uploads.bytes)} · ${bytes(Math.round(uploads.rate))} a second · ${duration(uploads.secondsLeft)} left · `
        + `${count(counts.accepted)} taken in, ${count(counts.exists)} there already, ${count(bad.length)} refused`
      : '');
    text(ended, uploads.pausedFor ?? (all && !uploads.left && !uploads.looking ? state.textContent : ''));
    pause.hidden = !uploads.pausedFor;
    text(pause, uploads.pausedFor ?? '');
    list.show(uploads.files);
    problems.hidden = !bad.length;
    again.hidden = !counts.rejected;
    const key = `${bad.length} ${bad.at(-1)?.name}`;
    if (key !== shownRefusals) {
      shownRefusals = key;
      put(refused, bad.slice(0, REFUSED_SHOWN).map((each) => h('li', {}, h('bdi', { class: 'name' }, each.name), h('p', {}, each.sentence))));
      text(more, bad.length > REFUSED_SHOWN ? `and ${count(bad.length - REFUSED_SHOWN)} more` : '');
    }
  }
  uploads.addEventListener('change', show, { signal });
  show();
  about().then((told) => text(where, `Or copy them into ${told.inbox} on the server, which is watched. Up to ${count(told.max_upload_mb)} MB a photo.`)).catch(() => {});
}

function chooser(properties) {
  const input = h('input', { type: 'file', class: 'visually-hidden', tabindex: '-1', 'aria-hidden': 'true', ...properties });
  input.addEventListener('change', () => {
    addChosen(input.files);
    input.value = '';
  });
  return input;
}

function row(entry) {
  return h('div', { class: `file ${entry.state}` }, h('bdi', { class: 'name', title: entry.name }, entry.name),
    entry.state === 'sending' && h('progress', { max: entry.size || 1, value: entry.sent, 'aria-label': 'Sent' }),
    h('span', { class: 'quiet-text' }, bytes(entry.size)),
    entry.id ? h('a', { href: `#/photos/${entry.id}` }, STATES[entry.state]) : h('span', {}, STATES[entry.state]));
}
