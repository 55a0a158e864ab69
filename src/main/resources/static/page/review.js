// Name people: the faces that wait for a person, in groups that are thought to be one person, or one by one; a key for each answer.
import { h, put, text, seldom } from './dom.js';
import { get } from './api.js';
import { failed, doing, say } from './say.js';
import { keys } from './keys.js';
import { listen } from './events.js';
import { complete, people } from './complete.js';
import { crop, decide, named } from './face.js';
import { stage } from './photo.js';
import { many } from './words.js';

export const title = 'Faces to review';

const GROUP = 200; // faces of a group that are shown at once
const AHEAD = 100; // faces that are fetched at once, one by one, when half of them are left
const PICTURES_AHEAD = 8;
const RECENT = 9;
const RECENT_KEY = 'caravel.recent-people';

export async function open(main, place) {
  const frame = h('div', { class: 'review-body' });
  main.append(frame);
  let part = null; // of the page that is open: aborted when another takes its place
  const change = async (now) => {
    part?.abort();
    part = new AbortController();
    const { signal } = part;
    put(frame);
    try {
      if (now.query.person) await group(frame, Number(now.query.person), signal);
      else if (now.query.one) await oneByOne(frame, now.query.one, signal);
      else await overview(frame, signal);
    } catch (problem) {
      if (!signal.aborted) failed(problem);
    }
  };
  place.signal.addEventListener('abort', () => part?.abort());
  await change(place);
  return { change };
}

const reviewFaces = (query, signal) => get('/api/faces', { status: 'process', ...query }, signal);

/** What there is to do: the groups, and the faces nobody is like. */
async function overview(frame, signal) {
  const draw = async () => {
    const [{ items: groups, total }, strangers, all] = await Promise.all([get('/api/people', { suggested: true, size: 100 }, signal),
      reviewFaces({ suggested: false, size: 1 }, signal), reviewFaces({ size: 1 }, signal)]);
    if (signal.aborted) return;
    if (!all.total) {
      put(frame, h('div', { class: 'empty' }, h('h2', {}, 'No face waits for you'), h('p', {}, 'Faces appear here as photos come in. Those you named are under ', h('a', { href: '#/people' }, 'People'), '.')));
      return;
    }
    put(frame, h('p', { role: 'status' }, `${many(all.total, 'face')} to review.`),
      strangers.total > 0 && h('section', { class: 'card', 'aria-labelledby': 'one' }, h('h2', { id: 'one' }, 'One by one'),
        h('p', {}, `${many(strangers.total, 'face')} like nobody you named. Name one, and all that are like it become a group.`),
        h('p', {}, h('a', { class: 'button primary', href: '#/review?one=nobody' }, 'Start'), ' ', strangers.total < all.total && h('a', { class: 'button', href: '#/review?one=all' }, 'All faces one by one'))),
      groups.length > 0 && h('section', { 'aria-labelledby': 'groups' }, h('h2', { id: 'groups' }, `${many(total, 'group')}: each thought to be one person`),
        h('ul', { class: 'people-cards' }, groups.map((person) => h('li', {}, h('a', { class: 'card', href: `#/review?person=${person.id}` },
          person.crop ? h('img', { class: 'crop', src: person.crop, alt: '', loading: 'lazy', width: 256, height: 256 }) : h('span', { class: 'crop no-crop' }, 'no picture'),
          h('bdi', {}, person.name ?? `Person ${person.id}`), h('span', { class: 'quiet-text' }, many(person.suggested, 'face'))))))));
  };
  const again = seldom(2000, () => { if (!signal.aborted && !document.hidden) draw().catch(failed); });
  listen(signal, { step: (step) => { if (step.step === 'faces') again(); }, missed: again });
  window.addEventListener('undone', again, { signal });
  await draw();
}

/** All faces thought to be one person, the nearest first: what is ticked is answered as one decision. */
async function group(frame, id, signal) {
  const wrong = new Set(); // unticked by hand: they stay so
  let faces = [];
  let total = 0;
  let answering = false;
  let whose = 'this person';
  const heading = h('h2', { id: 'group' });
  const status = h('p', { role: 'status', class: 'quiet-text' });
  const grid = h('div', { class: 'face-grid', role: 'group', 'aria-labelledby': 'group' });
  const other = h('input', { type: 'text', id: 'other', maxlength: 255 });
  const button = (words, key, work, properties = {}) => h('button', { type: 'button', ...properties, on: { click: doing(work) } }, words, ' ', h('kbd', { 'aria-hidden': 'true' }, key));
  const yes = button('Confirm', 'Enter', () => answer({ action: 'confirm', person: id }), { class: 'primary' });
  put(frame, h('div', { class: 'toolbar' }, h('a', { href: '#/review', class: 'button' }, '← All groups'), heading), status,
    h('div', { class: 'toolbar stuck', role: 'group', 'aria-label': 'For the ticked faces' }, yes,
      button('Somebody else', 'd', () => answer({ action: 'detach' }), { title: 'Back to the faces without a person' }),
      button('Unknown', 'u', () => answer({ action: 'unknown' })), button('No face', 'x', () => answer({ action: 'not_face' })),
      h('label', { for: 'other' }, 'It is '), other,
      button('All or none', 'a', async () => tickAll(), { class: 'quiet' })), grid);
  complete(other, { options: people, pick: (option, words) => { if (option || words.trim()) answer({ action: 'confirm', ...named(option, words) }).catch(failed); other.value = ''; } });

  const boxes = () => [...grid.querySelectorAll('input')];
  const ticked = () => boxes().filter((box) => box.checked).map((box) => Number(box.value));
  function count() {
    const n = ticked().length;
    put(yes, h('span', {}, `Confirm ${n} as `, h('bdi', {}, whose.slice(0, 40))), ' ', h('kbd', { 'aria-hidden': 'true' }, 'Enter'));
    yes.disabled = n === 0;
    text(status, `${many(total, 'face')} thought to be ${whose.slice(0, 80)}, the most alike first${total > faces.length ? `; the first ${faces.length} are shown` : ''}. Untick the wrong ones, then confirm the others.`);
  }
  function tickAll() {
    const on = boxes().some((box) => !box.checked);
    boxes().forEach((box) => { box.checked = on; });
    count();
  }
  function move(by) {
    const all = boxes();
    const at = all.indexOf(document.activeElement);
    const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))];
    next?.focus();
    next?.closest('label').scrollIntoView({ block: 'nearest' });
  }
  const columns = () => Math.max(1, getComputedStyle(grid).gridTemplateColumns.split(' ').length);

  async function load(tick) {
    const [person, page] = await Promise.all([get(`/api/faces/${id}`, {}, signal), reviewFaces({ person: id, order: 'distance', size: GROUP }, signal)]);
    if (signal.aborted) return;
    whose = person.name ?? `person ${id}`;
    faces = page.items;
    total = page.total;
    text(heading, whose);
    const at = Math.max(0, boxes().indexOf(document.activeElement));
    put(grid, faces.map((face) => h('label', { class: 'face-tick' },
      h('input', { type: 'checkbox', value: face.id, checked: tick && !wrong.has(face.id), 'data-keys': true, 'aria-label': `Face ${face.id}, distance ${face.distance?.toFixed(2) ?? 'unknown'}`, on: { change: count } }),
      crop(face), h('span', { class: 'quiet-text' }, face.distance?.toFixed(2) ?? '–'))));
    count();
    boxes()[Math.min(at, faces.length - 1)]?.focus({ preventScroll: true });
  }

  async function answer(wish) {
    const chosen = ticked();
    if (!chosen.length || answering) return;
    answering = true;
    boxes().forEach((box) => wrong[box.checked ? 'delete' : 'add'](Number(box.value)));
    try {
      await decide(chosen, wish);
      await load(total > faces.length);
      if (!faces.length) await next();
    } finally {
      answering = false;
    }
  }

  /** The next group, when this one is empty. */
  async function next() {
    const { items } = await get('/api/people', { suggested: true, size: 1 }, signal);
    location.hash = items.length ? `#/review?person=${items[0].id}` : '#/review';
  }

  window.addEventListener('undone', () => load(false).catch(failed), { signal });
  keys(signal, {
    Enter: ['confirm the ticked faces', () => answer({ action: 'confirm', person: id }).catch(failed)],
    ' ': ['tick or untick the face'],
    a: ['tick all or none', tickAll],
    f: ['untick this face and all that are less alike', () => {
      const all = boxes();
      all.slice(Math.max(0, all.indexOf(document.activeElement))).forEach((box) => { box.checked = false; });
      count();
    }],
    d: ['the ticked ones are somebody else', () => answer({ action: 'detach' }).catch(failed)],
    o: ['name the ticked ones', () => other.focus()],
    u: ['the ticked ones are unknown', () => answer({ action: 'unknown' }).catch(failed)],
    x: ['the ticked ones are no faces', () => answer({ action: 'not_face' }).catch(failed)],
    p: ['see the whole photo', () => {
      const face = faces[Math.max(0, boxes().indexOf(document.activeElement))];
      if (face) whole(face, signal).catch(failed);
    }],
    ArrowRight: ['next face', () => move(1)],
    ArrowLeft: ['face before', () => move(-1)],
    ArrowDown: ['a row down', () => move(columns())],
    ArrowUp: ['a row up', () => move(-columns())],
    Escape: ['back to all groups', () => { location.hash = '#/review'; }],
  });
  await load(true);
  if (!faces.length) put(grid, h('p', { class: 'empty' }, 'No face waits that is thought to be this person.'));
}

/** Face after face; the answer is sent while the next one is shown already. */
async function oneByOne(frame, which, signal) {
  const query = which === 'nobody' ? { suggested: false } : {};
  let queue = []; // the face on show is the first
  let passed = []; // skipped, to go back to
  const answered = [];
  const fetched = new Set(); // whose pictures were
  let fetching = null;
  let oldest = 0; // of the recent names: the next new one takes its key
  let after = 0;
  let total = 0;
  let reviewed = 0;
  let ended = false;
  let work = Promise.resolve(); // decisions in the order they were made
  let recent = await recentPeople();
  signal.throwIfAborted();
  const status = h('p', { role: 'status', class: 'quiet-text' });
  const picture = h('div', { class: 'one-picture' });
  const question = h('h2', { class: 'question' });
  const name = h('input', { type: 'text', id: 'one-name', maxlength: 255, placeholder: 'Type a name' });
  const names = h('ol', { class: 'recent' });
  const hint = h('p', { class: 'hint', role: 'status' });
  const button = (words, key, work_, properties = {}) => h('button', { type: 'button', ...properties, on: { click: work_ } }, words, ' ', h('kbd', { 'aria-hidden': 'true' }, key));
  const yes = button('Yes', 'Enter', () => confirm(), { class: 'primary' });
  put(frame, h('div', { class: 'toolbar' }, h('a', { href: '#/review', class: 'button' }, '← All groups'), status),
    h('div', { class: 'one' }, picture, h('div', { class: 'one-answers' }, question,
      h('div', { class: 'toolbar' }, yes, button('Unknown', 'u', () => act({ action: 'unknown' })), button('No face', 'x', () => act({ action: 'not_face' })),
        button('Skip', 's', skip), button('Back', 'b', back), button('Whole photo', 'p', () => queue[0] && whole(queue[0], signal).catch(failed))),
      h('label', { for: 'one-name' }, 'It is '), name, ' ', h('kbd', { 'aria-hidden': 'true' }, 'n'), names, hint)));
  const completion = complete(name, { options: people, pick: (option, words) => {
    if (option || words.trim()) act({ action: 'confirm', ...named(option, words) }, option?.label ?? words.trim());
    completion.clear();
    name.blur();
  } });

  const more = () => (fetching ??= fetchMore().finally(() => { fetching = null; }));
  async function fetchMore() {
    if (ended || queue.length > AHEAD / 2) return;
    const page = await reviewFaces({ ...query, after, size: AHEAD }, signal);
    const known = new Set([...answered, ...queue.concat(passed).map((face) => face.id)]);
    queue.push(...page.items.filter((face) => !known.has(face.id)));
    total = queue.length + page.total - page.items.length;
    after = page.items.at(-1)?.id ?? after;
    ended = page.items.length < AHEAD;
  }

  function show() {
    const face = queue[0];
    const guess = face?.suggested_name;
    text(status, face ? `${many(reviewed, 'face')} reviewed, ${many(Math.max(queue.length, total), 'face')} to go.` : `${many(reviewed, 'face')} reviewed.`);
    yes.hidden = !guess;
    put(question, face ? (guess ? ['Is this ', h('bdi', {}, guess.slice(0, 80)), '? ', h('span', { class: 'quiet-text' }, `distance ${face.distance?.toFixed(2)}`)] : 'Who is this?') : 'All are reviewed.');
    put(picture, face ? crop(face, `Face ${face.id}`) : h('p', { class: 'empty' }, 'No more faces here.'));
    for (const coming of queue.slice(1, PICTURES_AHEAD)) {
      if (fetched.has(coming.id)) continue; // once: a browser has but six connections for pictures and answers
      fetched.add(coming.id);
      new Image().src = `/api/faces/${coming.id}/crop`;
    }
    put(names, recent.map((person, n) => h('li', {}, h('button', { type: 'button', on: { click: () => recently(n) } }, h('kbd', {}, n + 1), ' ', h('bdi', {}, person.name.slice(0, 60))))));
  }

  /** The next face is shown at once; should the answer be refused, this one comes back. */
  function act(wish, called) {
    const face = queue.shift();
    if (!face) return;
    reviewed++;
    total--;
    answered.push(face.id);
    const refused = (problem) => {
      failed(problem);
      if (problem.status === 404) recent = recent.filter((person) => person.id !== wish.person);
      answered.splice(answered.lastIndexOf(face.id), 1);
      queue.unshift(face);
      reviewed--;
      total++;
      show();
    };
    work = work.then(() => decide([face.id], wish)).then((answer) => taken(answer, called).catch(failed), refused);
    show();
    more().then(show).catch(failed);
  }

  async function taken(answer, called) {
    if (called && answer.person) remember({ id: answer.person, name: called });
    if (!answer.suggested) return;
    put(hint, `${many(answer.suggested, 'face')} more are like this one. `, answer.person && h('a', { href: `#/review?person=${answer.person}` }, 'Review them as a group'), ' ',
      answer.person && h('kbd', {}, 'g'));
    hint.person = answer.person;
    await reload();
  }

  /** Suggestions have changed: what is not on show yet is fetched anew. */
  async function reload() {
    await fetching;
    const face = queue[0];
    if (face) {
      queue = [face];
      after = face.id;
      ended = false;
      const now = await get(`/api/faces/${face.id}`, {}, signal);
      if (queue[0]?.id === now.id) {
        queue[0] = now;
        if (now.status !== 'process' || (which === 'nobody' && now.suggested_name)) queue.shift();
      }
    }
    await more();
    show();
  }

  // Whom the question on show names, whatever is suggested by now.
  const confirm = () => queue[0]?.suggested_name && act({ action: 'confirm', person: queue[0].parent_id }, null);
  const recently = (n) => recent[n] && act({ action: 'confirm', person: recent[n].id }, recent[n].name);
  function skip() {
    if (queue.length) passed.push(queue.shift());
    show();
    more().then(show).catch(failed);
  }
  function back() {
    if (passed.length) queue.unshift(passed.pop());
    show();
  }
  function remember(person) {
    if (recent.some((each) => each.id === person.id)) return;
    // A name keeps its key: fingers know it by then.
    recent[recent.length < RECENT ? recent.length : oldest++ % RECENT] = person;
    sessionStorage.setItem(RECENT_KEY, JSON.stringify(recent));
    show();
  }

  window.addEventListener('undone', () => {
    const last = answered.pop() ?? 1;
    reviewed = Math.max(0, reviewed - 1);
    Promise.resolve(fetching).catch(() => {}).then(() => {
      queue = [];
      after = last - 1;
      ended = false;
      return more();
    }).then(show).catch(failed);
  }, { signal });
  const map = {
    Enter: ['yes, it is who it is thought to be', confirm],
    n: ['type a name', () => name.focus()],
    u: ['unknown', () => act({ action: 'unknown' })],
    x: ['no face', () => act({ action: 'not_face' })],
    s: ['skip', skip],
    b: ['back to the one skipped last', back],
    p: ['see the whole photo', () => queue[0] && whole(queue[0], signal).catch(failed)],
    g: ['review all that are like the one named last', () => { if (hint.person) location.hash = `#/review?person=${hint.person}`; }],
    Escape: ['back to all groups', () => { location.hash = '#/review'; }],
  };
  for (let n = 0; n < RECENT; n++) map[n + 1] = [n ? '' : 'one of the names on the list', () => recently(n)];
  keys(signal, map);
  await more();
  show();
}

/** Whom a number key names: those named last here, else the first by name. */
async function recentPeople() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(RECENT_KEY));
    if (kept?.length) return kept;
  } catch { /* then the first by name */ }
  const { items } = await get('/api/people', { size: RECENT });
  return items.filter((person) => person.name).map(({ id, name }) => ({ id, name }));
}

/** The whole photo with the face marked, until a key is pressed. */
async function whole(face, signal) {
  if (document.querySelector('dialog.whole')) return;
  if (!face.photo_id) {
    say('The photo of this face is gone; the person remains.');
    return;
  }
  const photo = await get(`/api/photos/${face.photo_id}`, {}, signal);
  const picture = await stage(photo, [face]);
  signal.throwIfAborted();
  const stop = new AbortController();
  const dialog = h('dialog', { class: 'whole', 'aria-label': `The whole photo ${photo.filename.slice(0, 80)}` }, picture,
    h('form', { method: 'dialog', class: 'toolbar' }, h('bdi', { class: 'quiet-text' }, photo.filename), h('a', { href: `#/photos/${photo.id}`, on: { click: () => dialog.close() } }, 'All about it'), h('button', {}, 'Close ', h('kbd', {}, 'Esc'))));
  document.body.append(dialog);
  dialog.addEventListener('close', () => {
    stop.abort();
    dialog.remove();
  });
  signal.addEventListener('abort', () => dialog.close(), { signal: stop.signal });
  keys(stop.signal, { only: true, p: ['close the photo', () => dialog.close()] });
  dialog.showModal();
}
