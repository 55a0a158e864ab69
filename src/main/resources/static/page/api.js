// The REST API. Each call answers JSON, or throws a Problem whose message is a sentence for the user.

/** What Caravel refuses or fails with: RFC 9457. `status` 0: it does not answer at all. */
export class Problem extends Error {
  constructor(status, sentence, body = null) {
    super(sentence);
    this.status = status;
    this.body = body;
  }
}

const BACK = 'caravel.back';
const NOT_THERE = 'Caravel does not answer: it was stopped, or the network is away. This page goes on by itself when it is back.';

export const get = (path, query, signal) => send('GET', path + search(query), undefined, signal);
export const post = (path, body) => send('POST', path, body);
export const patch = (path, body) => send('PATCH', path, body);
export const remove = (path) => send('DELETE', path);

/** '?a=1&b=2' of what is neither null nor empty. */
export function search(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return given.length ? '?' + new URLSearchParams(given) : '';
}

/** The token without which a session may read but not act; null without a log-in. */
export function token() {
  const cookie = document.cookie.split('; ').find((each) => each.startsWith('XSRF-TOKEN='));
  return cookie ? cookie.slice('XSRF-TOKEN='.length) : null;
}

/** The session has ended: the form asks anew, and leads back here; unless somebody has work that would be lost ('log-in', cancelable). */
export function logIn() {
  if (!window.dispatchEvent(new Event('log-in', { cancelable: true }))) return;
  sessionStorage.setItem(BACK, location.hash);
  location.assign('/login');
}

/** The view that was left for the log-in, once. */
export function cameFrom() {
  const hash = sessionStorage.getItem(BACK);
  sessionStorage.removeItem(BACK);
  return hash;
}

async function send(method, path, body, signal) {
  const headers = { Accept: 'application/json, application/problem+json' };
  if (method !== 'GET' && token()) headers['X-XSRF-TOKEN'] = token();
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  let answer;
  try {
    answer = await answered(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (failure) {
    throw failure.name === 'AbortError' ? failure : new Problem(0, NOT_THERE);
  }
  if (answer.status === 401) {
    logIn();
    throw new Problem(401, 'The log-in has ended: log in again.');
  }
  const told = await answer.json().catch((failure) => {
    if (failure.name === 'AbortError') throw failure;
    if (answer.ok && answer.status !== 204 && failure.name !== 'SyntaxError') throw new Problem(0, NOT_THERE);
    return null;
  });
  if (!answer.ok) {
    throw new Problem(answer.status, told?.detail ?? `Caravel answered ${answer.status}: see its log.`, told);
  }
  return told;
}

/** Caravel is there and cannot answer yet, since it starts or waits for its database: what only reads is asked again until it can ('waits'). */
async function answered(path, request) {
  for (let waited = false; ; waited = true) {
    const answer = await fetch(path, request);
    const seconds = Number(answer.headers.get('Retry-After'));
    if (answer.status !== 503 || request.method !== 'GET' || !seconds) {
      if (waited) tellWaiting(null);
      return answer;
    }
    tellWaiting((await answer.json().catch(() => null))?.detail ?? NOT_THERE);
    await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
    request.signal?.throwIfAborted();
  }
}

const tellWaiting = (detail) => window.dispatchEvent(new CustomEvent('waits', { detail }));

/** The program's settings, asked for once. */
export const about = () => (asked ??= get('/api/about').catch((problem) => { asked = null; throw problem; }));
let asked = null;

/** The steps' titles by their names, asked for once. */
export const steps = () => (titles ??= get('/api/queues').then((queues) => Object.fromEntries(Object.entries(queues).map(([name, queue]) => [name, queue.title])))
  .catch((problem) => { titles = null; throw problem; }));
let titles = null;

/** Where a photo's thumbnail is to be had; of those that are made for every photo, the one that fits best. */
export async function thumbnails() {
  const made = (await about()).thumbnails.map((name) => {
    const [, method, width, height] = /^(\w+)-(\d+)x(\d+)$/.exec(name);
    return { name, method, pixels: Math.min(width, height) };
  });
  const small = made.filter((each) => each.pixels >= 200).sort((a, b) => a.pixels - b.pixels)[0] ?? made[0];
  const whole = made.filter((each) => each.method === 'scale').sort((a, b) => b.pixels - a.pixels)[0];
  return {
    small: (id) => `/api/photos/${id}/thumbnails/${small.name}`,
    /** null: CARAVEL_THUMBNAILS names no size that shows a photo whole. */
    large: (id) => (whole ? `/api/photos/${id}/thumbnails/${whole.name}` : null),
    trashed: (id) => `/api/trash/${id}/thumbnails/${small.name}`,
  };
}
