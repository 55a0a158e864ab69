// The page's frame: which view is open, the badges beside their names, the line to the events, the log-out.
import { put, h, text, seldom } from './dom.js';
import { about, cameFrom, get, token } from './api.js';
import { failed } from './say.js';
import { help } from './keys.js';
import { listen } from './events.js';
import { count } from './words.js';
import { uploads, takeDrops } from './upload.js';

// Views are loaded when they are first opened. Each exports `title` and `open(main, place)`, which fills <main> for as long as place.signal
// lasts, and may answer {change(place)} for another address of the same view.
const VIEWS = {
  photos: () => import('./photos.js'),
  add: () => import('./add.js'),
  flow: () => import('./flow.js'),
  review: () => import('./review.js'),
  people: () => import('./people.js'),
  threshold: () => import('./threshold.js'),
  duplicates: () => import('./duplicates.js'),
  trash: () => import('./trash.js'),
};

const main = document.getElementById('main');
let shown = { name: null, stop: new AbortController(), view: null };
let turn = 0;
let stuck = false;

/** The address '#/photos/7?place=Rome' as {name: 'photos', id: 7, query: {place: 'Rome'}}. */
function address() {
  const [, name = 'photos', id = null, query = ''] = /^#\/(\w+)(?:\/(\d+))?(?:\?(.*))?$/.exec(location.hash) ?? [];
  return { name: VIEWS[name] ? name : 'photos', id: id && Number(id), query: Object.fromEntries(new URLSearchParams(query)) };
}

async function go() {
  if (location.hash === '#main') return; // the skip link
  const place = address();
  const mine = ++turn;
  const first = shown.name === null;
  try {
    if (place.name === shown.name && shown.view?.change) {
      await shown.view.change({ ...place, signal: shown.stop.signal });
      return;
    }
    const module = await VIEWS[place.name]();
    if (mine !== turn) return;
    shown.stop.abort();
    const now = { name: place.name, stop: new AbortController(), view: null };
    shown = now;
    document.title = `${module.title} – Caravel`;
    for (const link of document.querySelectorAll('nav[aria-label=Main] a')) {
      if (link.hash === '#/' + place.name) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    main.className = `view-${place.name}`;
    put(main, h('h1', {}, module.title));
    now.view = await module.open(main, { ...place, signal: now.stop.signal });
    if (now !== shown) return;
    if (!first) main.focus({ preventScroll: true });
    if (mine !== turn) go(); // the address has changed meanwhile
  } catch (problem) {
    if (problem.name === 'AbortError') return;
    stuck = true; // tried again when Caravel is back
    failed(problem);
  }
}

window.addEventListener('hashchange', go);

const always = new AbortController().signal;
const badges = { flow: document.getElementById('flowing'), review: document.getElementById('reviewing'), add: document.getElementById('adding') };

function badge(element, n, what) {
  element.hidden = !n;
  text(element, n ? count(n) : '');
  element.title = n ? `${count(n)} ${what}` : '';
}

const AGAIN_MS = 5000;
let again = 0;
const lookAround = seldom(1000, async () => {
  if (document.hidden) return;
  try {
    const [queues, faces] = await Promise.all([get('/api/queues'), get('/api/faces', { status: 'process', size: 1 })]);
    const all = Object.values(queues);
    const left = all.reduce((sum, queue) => sum + queue.queued + queue.running, 0);
    badge(badges.flow, left, 'jobs to do');
    badge(badges.review, faces.total, 'faces to review');
    clearTimeout(again);
    if (left) again = setTimeout(lookAround, AGAIN_MS); // the last steps' events may come before they are counted
  } catch {
    // The line in the header says so already.
  }
});

const line = document.getElementById('line');
listen(always, {
  step: lookAround,
  missed: lookAround,
  connected(there) {
    line.hidden = there;
    text(line, there ? '' : 'No connection: trying again');
    if (there && stuck) {
      stuck = false;
      shown.name = null;
      go();
    }
    if (there) lookAround();
    else get('/api/queues').catch(() => {}); // leads to the log-in when that is what has ended
  },
});
window.addEventListener('waits', ({ detail }) => {
  line.hidden = !detail;
  text(line, detail ?? '');
});
window.addEventListener('undone', lookAround);
window.addEventListener('decided', lookAround);
uploads.addEventListener('change', () => badge(badges.add, uploads.left, 'files to send'));
let leaving = false;
window.addEventListener('log-in', (event) => {
  if (leaving) event.preventDefault(); // the log-out leads there itself
  if (leaving || !uploads.left) return;
  event.preventDefault();
  line.hidden = false;
  text(line, 'The log-in has ended: log in again in another tab, and this one goes on');
});
window.addEventListener('beforeunload', (event) => {
  if (uploads.left) event.preventDefault();
});
takeDrops(() => {
  if (address().name !== 'add') location.hash = '#/add';
});

document.getElementById('help').addEventListener('click', help);
const logOut = document.getElementById('log-out');
about().then((told) => {
  logOut.hidden = told.user === null;
  logOut.title = `Logged in as ${told.user}`;
}).catch(() => {});
logOut.addEventListener('submit', () => {
  leaving = true;
  logOut.elements._csrf.value = token() ?? '';
});

const left = cameFrom();
if (left && !location.hash) history.replaceState(null, '', left);
go();
lookAround();
// The other views lie ready then, should Caravel be away when they are wanted.
window.requestIdleCallback?.(() => Object.values(VIEWS).forEach((load) => load().catch(() => {})), { timeout: 5000 });
