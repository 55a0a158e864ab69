// A grid of any number of photos by month, of which only those to be seen exist as elements. The months' counts are known first, so
// every photo has its place before it is loaded, and nothing jumps.
import { h, put, seldom, text } from './dom.js';
import { get, search, thumbnails } from './api.js';
import { failed } from './say.js';
import { many, month, takenDay } from './words.js';

const PAGE = 100;
const PAGES_KEPT = 40;
const HEADING = 48;
const GAP = 4;
const TILE = 190; // wished for, pixels, and somewhat more on a large screen; never fewer than three in a row
const BEYOND = 400; // pixels that are drawn above and below
const SETTLE_MS = 120;
const AGAIN_MS = 3000;
const UNDATED = 'No date'; // the name of no year

/** What stands in the place of a thumbnail. */
const WITHOUT = { queued: 'waits', running: 'in the making', failed: 'no thumbnail', skipped: 'no thumbnail' };

/**
 * Makes the grid.
 * @param {HTMLElement} scroller what scrolls; the grid's element is somewhere in it
 * @param {{address: (photo) => string, moved: (top: {month: string|null}|null, total: number) => void, loaded: (years: string[], total: number) => void, signal: AbortSignal}} options
 */
export async function photoGrid(scroller, { address, moved, loaded, signal }) {
  const pictures = await thumbnails();
  const list = h('div', { role: 'list', 'aria-label': 'Photos' });
  const titles = h('div', {}); // the headings: a list may hold nothing but its items
  const element = h('div', { class: 'grid' }, titles, list);
  const tiles = new Map(); // index -> tile
  const headings = new Map(); // month -> element
  let query = {};
  let months = [];
  let total = 0;
  let pages = new Map(); // number -> {items, stale}
  let asked = new Map(); // number -> promise
  let generation = new AbortController();
  let columns = 3;
  let tile = TILE;
  let current = 0; // the photo that has the focus, or would get it
  let lastTop = 0;
  let settle = 0;
  let frame = 0;

  const at = (index) => pages.get(Math.floor(index / PAGE))?.items[index % PAGE] ?? null;
  const known = (id) => {
    for (const [number, page] of pages) {
      const place = page.items.findIndex((photo) => photo.id === id);
      if (place >= 0) return number * PAGE + place;
    }
    return -1;
  };

  function layOut() {
    const width = element.clientWidth;
    columns = Math.max(3, Math.round((width + GAP) / (Math.max(TILE, TILE / 2 + width / 20) + GAP)));
    tile = (width - GAP * (columns - 1)) / columns;
    let start = 0;
    let top = 0;
    for (const each of months) {
      each.start = start;
      each.top = top;
      start += each.photos;
      top += HEADING + Math.ceil(each.photos / columns) * (tile + GAP);
    }
    element.style.height = `${top}px`;
    draw();
  }

  /** The month that begins last at or above some value of `key` (top or start). */
  function monthAt(key, value) {
    let low = 0;
    let high = months.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (months[middle][key] <= value) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  const topOf = (index) => {
    const each = months[monthAt('start', index)];
    return each.top + HEADING + Math.floor((index - each.start) / columns) * (tile + GAP);
  };

  const above = () => element.getBoundingClientRect().top - scroller.getBoundingClientRect().top;

  function draw() {
    frame = 0;
    if (signal.aborted) return;
    const offset = -above();
    const fast = Math.abs(offset - lastTop) > 2 * scroller.clientHeight;
    lastTop = offset;
    const from = offset - BEYOND;
    const to = offset + scroller.clientHeight + BEYOND;
    const seen = new Set();
    const months_ = new Set();
    if (months.length) {
      for (let m = monthAt('top', from); m < months.length && months[m].top < to; m++) drawMonth(months[m], from, to, seen, months_, fast);
    }
    for (const [index, each] of tiles) {
      if (seen.has(index)) continue;
      each.picture?.removeAttribute('src'); // what is not loaded yet need not be
      each.remove();
      tiles.delete(index);
    }
    for (const [name, each] of headings) {
      if (months_.has(name)) continue;
      each.remove();
      headings.delete(name);
    }
    clearTimeout(settle);
    if (fast) settle = setTimeout(draw, SETTLE_MS);
    else if (seen.size) load(Math.min(...seen), Math.max(...seen));
    const top = months.length ? months[monthAt('top', Math.max(0, offset))] : null;
    moved(top, total);
  }

  function drawMonth(each, from, to, seen, names, fast) {
    names.add(each.month);
    let heading = headings.get(each.month);
    if (!heading) {
      heading = h('h2', { class: 'month' });
      headings.set(each.month, heading);
      titles.append(heading);
    }
    text(heading, `${month(each.month)} · ${many(each.photos, 'photo')}`);
    heading.style.transform = `translateY(${each.top}px)`;
    const step = tile + GAP;
    const firstRow = Math.max(0, Math.floor((from - each.top - HEADING) / step));
    const lastRow = Math.min(Math.ceil(each.photos / columns) - 1, Math.floor((to - each.top - HEADING) / step));
    for (let i = firstRow * columns; i < Math.min(each.photos, (lastRow + 1) * columns); i++) {
      const index = each.start + i;
      seen.add(index);
      let box = tiles.get(index);
      if (!box) {
        box = emptyTile();
        tiles.set(index, box);
        list.append(box);
      }
      box.style.width = `${tile}px`;
      box.style.height = `${tile}px`;
      box.style.transform = `translate(${(i % columns) * step}px, ${each.top + HEADING + Math.floor(i / columns) * step}px)`;
      fill(box, index, fast);
    }
  }

  function emptyTile() {
    const box = h('div', { class: 'tile', role: 'listitem' });
    box.link = h('a', { tabindex: '-1', 'data-keys': true });
    box.append(box.link);
    return box;
  }

  function fill(box, index, fast) {
    const photo = at(index);
    box.setAttribute('aria-setsize', total);
    box.setAttribute('aria-posinset', index + 1);
    box.link.tabIndex = index === current ? 0 : -1;
    box.link.dataset.index = index;
    if (!photo) {
      if (box.photo) {
        put(box.link);
        box.photo = box.picture = null;
        box.link.removeAttribute('href');
        box.link.removeAttribute('aria-label');
      }
      return;
    }
    const state = photo.jobs.thumbnails?.state ?? 'queued';
    const ready = state === 'done' || photo.shown;
    const look = `${photo.id} ${ready} ${state} ${photo.damaged} ${failures(photo)}`;
    if (box.look === look && box.photo && (box.picture || !ready)) {
      box.photo = photo;
      return;
    }
    if (fast) return;
    box.look = look;
    box.photo = photo;
    box.link.href = address(photo);
    box.link.setAttribute('aria-label', nameOf(photo));
    box.picture = ready ? picture(box, photo) : null;
    const marks = [photo.damaged && 'damaged', failures(photo) && 'a step failed'].filter(Boolean).join(', ');
    put(box.link, box.picture ?? withoutPicture(photo, WITHOUT[state] ?? state), marks && h('span', { class: 'mark' }, marks));
  }

  function picture(box, photo) {
    const image = h('img', { alt: '', decoding: 'async', draggable: 'false', src: pictures.small(photo.id) });
    image.addEventListener('load', () => {
      photo.shown = true;
      image.classList.add('there');
    });
    image.addEventListener('error', () => {
      box.broken = true;
      if (box.picture === image && image.getAttribute('src')) image.replaceWith(withoutPicture(photo, 'no thumbnail'));
    });
    return image;
  }

  /** Loads the pages of these photos that are missing or outdated. */
  function load(first, last) {
    for (let number = Math.floor(first / PAGE); number <= Math.floor(last / PAGE); number++) {
      const page = pages.get(number);
      if (page) {
        pages.delete(number); // to the end: used last
        pages.set(number, page);
      }
      if ((page && !page.stale) || asked.has(number)) continue;
      asked.set(number, fetchPage(number, page));
    }
    while (pages.size > PAGES_KEPT) pages.delete(pages.keys().next().value);
  }

  async function fetchPage(number, before) {
    const mine = generation;
    try {
      if (before) before.stale = false;
      const answer = await get('/api/photos', { ...query, page: number, size: PAGE }, mine.signal);
      const shown = new Set(before?.items.filter((photo) => photo.shown).map((photo) => photo.id));
      answer.items.forEach((photo) => { photo.shown = shown.has(photo.id); });
      if (mine === generation) pages.set(number, { items: answer.items, stale: Boolean(before?.stale) });
      if (mine === generation && months.length && answer.total !== total) refresh();
    } catch (problem) {
      if (before) before.stale = true;
      if (mine === generation && !signal.aborted) {
        if (problem.status !== 0) failed(problem);
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS)); // and asked for again then
      }
    } finally {
      if (mine === generation) {
        asked.delete(number);
        drawSoon();
      }
    }
  }

  const drawSoon = () => { frame ||= requestAnimationFrame(draw); };

  async function loadMonths() {
    const mine = generation;
    const answer = await get('/api/timeline', query, mine.signal);
    if (mine !== generation) return;
    // What is at the top stays there, while months above it grow.
    const offset = -above();
    const top = months.length && offset > HEADING ? months[monthAt('top', offset)] : null;
    const into = top ? offset - top.top : 0;
    months = answer.items;
    total = answer.total;
    current = Math.min(current, Math.max(0, total - 1));
    loaded([...new Set(months.map((each) => each.month?.slice(0, 4) ?? UNDATED))], total);
    layOut();
    const now = top && months.find((each) => each.month === top.month);
    if (now && Math.abs(now.top + into + above()) > 1) scroller.scrollTop += now.top + into + above();
  }

  /** What changed is loaded; what is on display stays until then. */
  const reload = async () => {
    if (signal.aborted || document.hidden) return;
    try {
      await loadMonths();
      pages.forEach((page) => { page.stale = true; });
      for (const box of tiles.values()) if (box.broken) box.look = box.broken = null;
      draw();
    } catch (problem) {
      if (problem.status !== 0) failed(problem);
    }
  };
  const refresh = seldom(1500, reload);

  element.addEventListener('focusin', (event) => {
    const index = Number(event.target.dataset?.index);
    if (Number.isInteger(index) && index !== current) {
      const before = tiles.get(current);
      if (before) before.link.tabIndex = -1;
      current = index;
      event.target.tabIndex = 0;
    }
  });
  scroller.addEventListener('scroll', drawSoon, { signal, passive: true });
  const watch = new ResizeObserver(() => layOut());
  watch.observe(element);
  signal.addEventListener('abort', () => {
    watch.disconnect();
    generation.abort();
  });

  return {
    element,
    /** Shows the photos of a query. */
    async show(filters) {
      generation.abort();
      generation = new AbortController();
      query = filters;
      pages = new Map();
      asked = new Map();
      months = [];
      current = 0;
      tiles.forEach((box) => { box.look = null; });
      const first = fetchPage(0, null); // beside the months, so that the first view waits for neither twice
      asked.set(0, first);
      await Promise.all([loadMonths(), first]);
      return total;
    },
    /** Soon, for what happens often; `reload`: at once. */
    refresh,
    reload,
    /** A step of a photo has ended: what its tile shows changes with it. */
    step(step) {
      if (asked.size) refresh(); // an answer on its way does not know of it
      const index = known(step.photo_id);
      const job = index >= 0 && at(index).jobs[step.step];
      if (job && ['done', 'failed', 'skipped'].includes(step.outcome)) {
        job.state = step.outcome;
        drawSoon();
      }
    },
    known,
    /** The index of a photo that need not be loaded yet; -1: it is not among those shown. */
    async find(photo) {
      const time = query.order === 'added' ? photo.created_at : photo.taken_at;
      const each = months.find((one) => one.month === (time?.slice(0, 7) ?? null));
      for (let start = each?.start ?? total; start < (each?.start ?? 0) + (each?.photos ?? 0) && known(photo.id) < 0; start += PAGE) await this.photo(start);
      return known(photo.id);
    },
    /** The photo at an index; null beyond the ends. */
    async photo(index) {
      if (index < 0 || index >= total) return null;
      if (!at(index)) await (asked.get(Math.floor(index / PAGE)) ?? fetchPage(Math.floor(index / PAGE), null));
      return at(index);
    },
    /** Brings a photo into view and gives it the focus. */
    focus(index) {
      if (!total) return;
      current = Math.max(0, Math.min(total - 1, index));
      const top = topOf(current);
      const offset = -above();
      const hidden = Math.max(0, [...scroller.children].find((each) => each.matches('.sticky'))?.offsetHeight ?? 0);
      if (top < offset + hidden) scroller.scrollTop += top - offset - hidden - GAP;
      else if (top + tile > offset + scroller.clientHeight) scroller.scrollTop += top + tile + GAP - offset - scroller.clientHeight;
      lastTop = -above();
      draw();
      tiles.get(current)?.link.focus({ preventScroll: true });
    },
    /** Scrolls to the first photo of a year. */
    year(year) {
      const each = months.find((one) => (one.month === null ? year === UNDATED : one.month.startsWith(year)));
      if (each) scroller.scrollTop += each.top + above() - 64;
    },
    get current() { return current; },
    get columns() { return columns; },
    get rowsSeen() { return Math.max(1, Math.floor(scroller.clientHeight / (tile + GAP)) - 1); },
    get total() { return total; },
    at,
  };
}

const failures = (photo) => Object.values(photo.jobs).some((job) => job.state === 'failed');

const nameOf = (photo) => [photo.filename.slice(0, 120), photo.taken_at && takenDay(photo.taken_at), photo.place?.slice(0, 120),
  photo.people.map((person) => person.name).join(', '), photo.damaged && 'damaged', failures(photo) && 'a step failed'].filter(Boolean).join(', ');

const withoutPicture = (photo, words) => h('span', { class: 'without' }, h('bdi', {}, photo.filename.slice(0, 80)), h('span', {}, words));

/** The address of a photo among those of a query. */
export const photoAddress = (id, query) => `#/photos/${id}${search(query)}`;
