// Sends files to POST /api/photos, one a request and a few at a time, whatever view is open. A file that was sent before is answered
// `exists`, so a folder may be dropped again after anything.
import { token } from './api.js';
import { seldom } from './dom.js';

// A browser grants a site six connections: the events hold one, and the page wants to go on.
const AT_ONCE = 3;
const AGAIN_MS = [2000, 5000, 10000, 30000];
const RATE_MS = 10000;
const LITTER = /^(\..*|(eh)?Thumbs\.db|desktop\.ini|@eaDir|[#@]recycle|@Recently-Snapshot|\$RECYCLE\.BIN|RECYCLER|System Volume Information|lost\+found|__MACOSX)$/i; // as the watched folder leaves alone

/** What is to be sent, is being sent and was answered; tells 'change' at most every 200 ms. */
class Uploads extends EventTarget {
  /** {name, size, state: waiting | sending | accepted | exists | rejected, sent, id, sentence} in the order they came. */
  files = [];
  looking = 0; // files found in folders that are still looked through
  unreadable = [];
  pausedFor = null; // a sentence: nothing is sent for the present
  counts = { waiting: 0, sending: 0, accepted: 0, exists: 0, rejected: 0 };
  bytes = 0;
  sent = 0;
  #next = 0;
  #tries = 0;
  #timer = 0;
  #marks = []; // [time, bytes sent by then]
  #tell = seldom(200, () => this.dispatchEvent(new Event('change')));

  get left() {
    return this.counts.waiting + this.counts.sending;
  }

  /** Bytes a second of late; 0: unknown. */
  get rate() {
    const first = this.#marks[0];
    const last = this.#marks.at(-1);
    return first && last[0] > first[0] ? (1000 * (last[1] - first[1])) / (last[0] - first[0]) : 0;
  }

  /** Seconds until all is sent at that rate; null: unknown. */
  get secondsLeft() {
    return this.rate ? (this.bytes - this.sent) / this.rate : null;
  }

  /** @param {{file: File, path: string}[]} found */
  add(found) {
    if (!this.left) this.#marks = [[Date.now(), this.sent]];
    for (const { file, path } of found) {
      this.files.push({ file, name: path, size: file.size, state: 'waiting', sent: 0, id: null, sentence: null });
      this.counts.waiting++;
      this.bytes += file.size;
    }
    this.#go();
    this.#tell();
  }

  /** Counts what is found while folders are looked through. */
  found(n) {
    this.looking += n;
    this.#tell();
  }

  /** A file or folder that the browser could not read. */
  cannotRead(path, reason) {
    this.unreadable.push({ name: path, state: 'rejected', sentence: `It could not be read (${reason}): look at its permissions, then drop it again.` });
    this.#tell();
  }

  /** Sends the refused ones again. */
  again() {
    for (const each of this.files.filter((file) => file.state === 'rejected')) {
      this.#progress(each, 0);
      this.#become(each, 'waiting');
      each.sentence = null;
    }
    this.#next = 0;
    this.#go();
    this.#tell();
  }

  /** Forgets what is finished; nothing of it changes in Caravel. */
  clear() {
    this.files = this.files.filter((file) => file.state === 'waiting' || file.state === 'sending');
    this.unreadable = [];
    this.#next = 0;
    Object.assign(this.counts, { accepted: 0, exists: 0, rejected: 0 });
    this.bytes = this.files.reduce((sum, file) => sum + file.size, 0);
    this.sent = this.files.reduce((sum, file) => sum + file.sent, 0);
    this.#marks = [[Date.now(), this.sent]];
    this.#tell();
  }

  #go() {
    while (!this.pausedFor && this.counts.sending < AT_ONCE) {
      while (this.#next < this.files.length && this.files[this.#next].state !== 'waiting') this.#next++;
      if (this.#next === this.files.length) return;
      this.#send(this.files[this.#next]);
    }
  }

  #become(entry, state) {
    this.counts[entry.state]--;
    this.counts[state]++;
    entry.state = state;
  }

  #progress(entry, sent) {
    const by = Math.min(sent, entry.size) - entry.sent; // the form's own bytes are no part of the photo
    entry.sent += by;
    this.sent += by;
    const now = Date.now();
    this.#marks.push([now, this.sent]);
    while (now - this.#marks[0][0] > RATE_MS && this.#marks.length > 2) this.#marks.shift();
    this.#tell();
  }

  #send(entry) {
    this.#become(entry, 'sending');
    const form = new FormData();
    if (Number.isFinite(entry.file.lastModified)) form.append('lastModified', Math.round(entry.file.lastModified)); // before its file
    form.append('file', entry.file, entry.file.name);
    const request = new XMLHttpRequest(); // fetch tells nothing of what is sent
    request.open('POST', '/api/photos');
    request.setRequestHeader('Accept', 'application/json, application/problem+json');
    if (token()) request.setRequestHeader('X-XSRF-TOKEN', token());
    request.responseType = 'json';
    request.upload.onprogress = (event) => this.#progress(entry, event.loaded);
    request.onload = () => this.#answered(entry, request.status, request.response);
    request.onerror = () => this.#failed(entry);
    request.send(form);
  }

  #answered(entry, status, body) {
    const photo = body?.photos?.[0];
    if (status === 401) {
      this.#wait(entry, 'The log-in has ended: log in again in another tab.');
    } else if (photo && ['accepted', 'exists'].includes(photo.status)) {
      this.#end(entry, photo.status, photo.id, null);
    } else if (photo && status !== 503 && status !== 507) {
      this.#end(entry, 'rejected', null, photo.error);
    } else if ((status >= 500 || status === 408 || status === 429) && status !== 500) {
      this.#wait(entry, photo?.error ?? body?.detail ?? `Caravel answered ${status}.`);
    } else {
      this.#end(entry, 'rejected', null, body?.detail ?? `Caravel answered ${status}: see its log.`);
    }
  }

  #end(entry, state, id, sentence) {
    this.#tries = 0;
    this.#progress(entry, entry.size);
    this.#become(entry, state);
    Object.assign(entry, { id, sentence });
    if (state !== 'rejected') entry.file = null; // a refused one may be sent again
    this.#go();
    this.#tell();
  }

  /** The connection broke: is the file gone, or is it Caravel? */
  async #failed(entry) {
    try {
      await entry.file.slice(0, 1).arrayBuffer();
    } catch (problem) {
      this.#end(entry, 'rejected', null, `It could not be read any more (${problem.message}): drop it again.`);
      return;
    }
    this.#wait(entry, 'Caravel does not answer.');
  }

  #wait(entry, sentence) {
    this.#progress(entry, 0);
    this.#become(entry, 'waiting');
    this.#next = 0;
    const ms = AGAIN_MS[Math.min(this.#tries++, AGAIN_MS.length - 1)];
    this.pausedFor = `${sentence} Trying again every ${Math.round(ms / 1000)} s; nothing is lost.`;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.pausedFor = null;
      this.#go();
      this.#tell();
    }, ms);
    this.#tell();
  }
}

export const uploads = new Uploads();

/** Files of an <input type=file>, whole folders included. */
export function addChosen(list) {
  uploads.add([...list].filter((file) => !litter(file.webkitRelativePath || file.name))
    .map((file) => ({ file, path: file.webkitRelativePath || file.name })));
}

const litter = (path) => path.split('/').some((name) => LITTER.test(name));

/** Takes files and folders that are dropped anywhere on the page. */
export function takeDrops(taken) {
  let inside = 0;
  const holds = (event) => event.dataTransfer?.types.includes('Files');
  const mark = (on) => document.body.classList.toggle('dropping', on);
  addEventListener('dragenter', (event) => {
    if (holds(event)) mark(++inside > 0);
  });
  addEventListener('dragleave', (event) => {
    if (holds(event)) mark(--inside > 0);
  });
  addEventListener('dragover', (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
  });
  addEventListener('drop', (event) => {
    if (!holds(event)) return;
    event.preventDefault();
    inside = 0;
    mark(false);
    // Entries must be asked for at once: the list is gone afterwards.
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    taken();
    entries.reduce((before, entry) => before.then(() => look(entry)), Promise.resolve());
  });
}

/** Adds the files below a folder, some hundreds at a time, so that sending begins while it is looked through. */
async function look(root) {
  const folders = [root];
  while (folders.length) {
    const entry = folders.pop();
    const path = entry.fullPath.slice(1);
    if (LITTER.test(entry.name)) continue;
    try {
      if (entry.isFile) {
        uploads.add([{ file: await file(entry), path }]);
        continue;
      }
      const reader = entry.createReader();
      for (let some = await read(reader); some.length; some = await read(reader)) {
        const files = some.filter((each) => each.isFile && !LITTER.test(each.name));
        uploads.found(files.length);
        uploads.add((await Promise.all(files.map(readable))).filter(Boolean));
        uploads.found(-files.length);
        folders.push(...some.filter((each) => each.isDirectory));
      }
    } catch (problem) {
      uploads.cannotRead(path, problem.message);
    }
  }
}

async function readable(entry) {
  const path = entry.fullPath.slice(1);
  try {
    return { file: await file(entry), path };
  } catch (problem) {
    uploads.cannotRead(path, problem.message);
    return null;
  }
}

const file = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));
const read = (reader) => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
