// One photo, large: what is known of it, its faces as boxes, its place, its journey.
import { h, put, seldom } from './dom.js';
import { get, post, search, steps, thumbnails } from './api.js';
import { doing, failed, say } from './say.js';
import { keys } from './keys.js';
import { listen } from './events.js';
import { faceEditor, faceName } from './face.js';
import { drawing } from './draw.js';
import { bytes, duration, inWords, many, source, taken, when } from './words.js';

const NO_BOXES = 'caravel.no-boxes';
const SMALLEST = 320; // pixels of a picture's width up to which it is enlarged more than twice
const LONG = 2000; // characters of a piece of metadata that are shown

/**
 * The viewer.
 * @param {{grid, trash: (photo) => Promise, signal: AbortSignal, leave: (id: number) => void, address: (id: number) => string}} frame
 * @returns {{show: (id: number) => Promise, hide: () => void}}
 */
export function photoViewer({ grid, trash, signal, leave, address }) {
  let photo = null;
  let open = null; // aborted when the dialog closes
  let turn = 0;
  let last = null; // what had the focus: a button that works loses it to nobody
  let trashing = false;
  const inside = h('div', { class: 'viewer-inside' });
  const dialog = h('dialog', { class: 'viewer', 'aria-labelledby': 'photo-name' }, inside);
  document.body.append(dialog);
  dialog.addEventListener('focusin', (event) => { last = event.target.dataset.focus ?? null; });
  signal.addEventListener('abort', () => {
    hide();
    dialog.remove();
  });
  dialog.addEventListener('close', () => {
    open?.abort();
    open = null;
    if (photo && !signal.aborted) leave(photo.id);
  });
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });

  function hide() {
    turn++;
    photo = null;
    if (dialog.open) dialog.close();
  }

  async function show(id) {
    const mine = ++turn;
    let answers;
    try {
      answers = await Promise.all([get(`/api/photos/${id}`), get(`/api/photos/${id}/faces`)]);
    } catch (problem) {
      failed(problem);
      if (!dialog.open) location.hash = '#/photos';
      return;
    }
    if (mine !== turn || signal.aborted) return;
    photo = answers[0];
    if (!dialog.open) {
      dialog.showModal();
      open = new AbortController();
      keys(open.signal, viewerKeys());
      const again = seldom(800, () => photo && refresh());
      listen(open.signal, { step: (step) => { if (step.photo_id === photo?.id && step.step !== 'trash') again(); }, missed: again });
      window.addEventListener('undone', again, { signal: open.signal });
    }
    await draw(answers[1].items);
  }

  /** Loads what may have changed, unless somebody types or draws. */
  async function refresh() {
    const id = photo.id;
    try {
      const [now, { items }] = await Promise.all([get(`/api/photos/${id}`), get(`/api/photos/${id}/faces`)]);
      if (photo?.id !== id || (dialog.contains(document.activeElement) && document.activeElement.value) || dialog.querySelector('.drawn')) return;
      photo = now;
      await draw(items);
    } catch (problem) {
      if (problem.status !== 404) failed(problem);
    }
  }

  const step = async (by) => {
    const index = await grid.find(photo);
    const next = index < 0 ? null : await grid.photo(index + by);
    if (next) location.replace(address(next.id));
    else if (index < 0) say('This photo is not among those that are listed.');
    else say(by > 0 ? 'This is the oldest.' : 'This is the newest.');
  };
  const viewerKeys = () => ({
    only: true,
    ArrowRight: ['next photo', () => step(1).catch(failed)],
    ArrowLeft: ['photo before', () => step(-1).catch(failed)],
    b: ['show or hide the boxes of faces', boxes],
    f: ['name the first face without a name', () => (dialog.querySelector('.face.process input') ?? dialog.querySelector('.face input'))?.focus()],
    d: ['download the original', () => dialog.querySelector('a[download]').click()],
    o: ['open the place in OpenStreetMap', () => dialog.querySelector('a.osm')?.click()],
    Delete: ['put it into the trash', () => throwAway().catch(failed)],
    Escape: ['back to all photos', () => dialog.close()],
  });

  function boxes() {
    if (localStorage.getItem(NO_BOXES)) localStorage.removeItem(NO_BOXES);
    else localStorage.setItem(NO_BOXES, '1');
    markBoxes();
  }
  function markBoxes() {
    const on = !localStorage.getItem(NO_BOXES);
    dialog.classList.toggle('no-boxes', !on);
    dialog.querySelector('.boxes-button')?.setAttribute('aria-pressed', on);
  }

  async function throwAway() {
    if (trashing) return;
    trashing = true;
    try {
      const gone = photo;
      const index = grid.known(gone.id);
      const next = index < 0 ? null : (await grid.photo(index + 1)) ?? (await grid.photo(index - 1));
      await trash(gone);
      if (next) location.replace(address(next.id));
      else dialog.close();
    } finally {
      trashing = false;
    }
  }

  async function draw(faces) {
    const shown = photo;
    const [picture, placed, titles] = await Promise.all([stage(shown, faces), place(shown), steps()]);
    if (photo !== shown) return;
    const held = last;
    const scrolled = dialog.querySelector('aside')?.scrollTop ?? 0;
    const same = dialog.dataset.photo === String(photo.id);
    const openParts = same ? [...dialog.querySelectorAll('details[open]')].map((part) => part.className) : [];
    dialog.dataset.photo = photo.id;
    const index = grid.known(photo.id);
    const button = (focus, words, work, properties = {}) => h('button', { type: 'button', data: { focus }, ...properties, on: { click: doing(work) } }, words);
    put(inside,
      h('div', { class: 'viewer-bar' },
        button('back', '← All photos', async () => dialog.close(), { class: 'quiet' }),
        button('before', '‹', () => step(-1), { 'aria-label': 'Photo before', disabled: index === 0 }),
        button('next', '›', () => step(1), { 'aria-label': 'Next photo', disabled: index >= 0 && index === grid.total - 1 }),
        h('span', { class: 'spring' }),
        picture.querySelector('.frame > img') && photo.width && button('draw', 'Draw a face', async () => drawing(picture.querySelector('.frame'), photo, refresh)),
        faces.length > 0 && button('boxes', 'Boxes', async () => boxes(), { class: 'boxes-button' }),
        h('a', { class: 'button', href: `/api/photos/${photo.id}/original`, download: true, data: { focus: 'download' } }, 'Download'),
        button('trash', 'To the trash', throwAway, { class: 'danger' })),
      picture,
      h('aside', { tabindex: '0', 'aria-label': 'About this photo' }, facts(photo), placed, facesPart(photo, faces, refresh), resultsPart(photo, titles), journeyPart(photo, titles, refresh), metadataPart(photo)));
    markBoxes();
    for (const name of openParts) {
      const part = dialog.querySelector(`details.${name.replaceAll(' ', '.')}`);
      if (part) part.open = true;
    }
    if (same) dialog.querySelector('aside').scrollTop = scrolled;
    const again = same && held ? dialog.querySelector(`[data-focus="${held}"]:not(:disabled)`) : null;
    (again ?? dialog.querySelector(same ? 'aside' : '[data-focus=back]')).focus({ preventScroll: true });
  }

  return { show, hide };
}

/** The picture with the faces' boxes above it, each a button that leads to its name. */
export async function stage(photo, faces) {
  const large = (await thumbnails()).large(photo.id);
  const ready = photo.jobs.thumbnails?.state === 'done' && large;
  const failure = photo.jobs.thumbnails?.error;
  if (!ready) {
    return h('figure', { class: 'stage' }, h('p', { class: 'empty' }, failure
      ?? (large ? 'Its thumbnails are not made yet: they appear here by themselves.' : 'CARAVEL_THUMBNAILS names no size that shows a photo whole (scale:1600x1600).')));
  }
  const image = h('img', { src: large, alt: `${photo.filename.slice(0, 120)}${photo.taken_at ? ', taken ' + taken(photo.taken_at) : ''}` });
  const film = photo.mime_type.startsWith('video/');
  const frame = h('div', { class: 'frame' }, film ? h('video', { src: `/api/photos/${photo.id}/original`, poster: large, controls: true, preload: 'metadata', playsinline: true,
    'aria-label': photo.filename.slice(0, 120) }) : image);
  const fit = (width, height) => {
    frame.style.setProperty('--ratio', String(width / height));
    frame.style.setProperty('--most', `${Math.max(2 * width, SMALLEST)}px`);
  };
  if (photo.width && photo.height) fit(photo.width, photo.height);
  image.addEventListener('load', () => fit(image.naturalWidth, image.naturalHeight));
  if (photo.width && photo.height) {
    for (const face of faces) {
      if (face.left === null || face.status === 'not_face') continue;
      frame.append(h('button', {
        type: 'button', class: `box ${face.status}`, data: { focus: `box-${face.id}` }, 'aria-label': `Face: ${faceName(face)}`,
        style: { left: `${(100 * face.left) / photo.width}%`, top: `${(100 * face.top) / photo.height}%`, width: `${(100 * face.width) / photo.width}%`, height: `${(100 * face.height) / photo.height}%` },
        on: { click: () => document.querySelector(`.face[data-face="${face.id}"] input`)?.focus() },
      }, h('bdi', {}, faceName(face).slice(0, 60))));
    }
  }
  return h('figure', { class: 'stage' }, frame);
}

function facts(photo) {
  const camera = [photo.camera_make, photo.camera_model].filter(Boolean);
  const name = camera.length === 2 && camera[1].toLowerCase().startsWith(camera[0].toLowerCase()) ? camera[1] : camera.join(' ');
  const exposure = [photo.exposure_seconds && (photo.exposure_seconds < 0.5 ? `1/${Math.round(1 / photo.exposure_seconds)} s` : `${photo.exposure_seconds} s`),
    photo.aperture && `f/${photo.aperture}`, photo.iso && `ISO ${photo.iso}`, photo.focal_length_mm && `${photo.focal_length_mm} mm`].filter(Boolean).join(' · ');
  const row = (what, value) => value && [h('dt', {}, what), h('dd', {}, value)];
  return [h('h2', { id: 'photo-name' }, h('bdi', {}, photo.filename)),
    photo.damaged && h('p', { class: 'warning' }, photo.damage ?? 'Its file ends before the picture does.'),
    h('dl', {},
      row('Taken', photo.taken_at ? [taken(photo.taken_at), photo.taken_from && photo.taken_from !== 'exif' && `, by ${source(photo.taken_from)}`] : 'unknown'),
      words(photo).map(([what, value]) => row(what, h('bdi', {}, value))),
      row('Place', photo.place && h('bdi', {}, photo.place)),
      row('Camera', name && h('bdi', {}, name)), row('Lens', photo.lens && h('bdi', {}, photo.lens)), row('Exposure', exposure),
      row('Size', [photo.width && `${photo.width} × ${photo.height} pixels, `, bytes(photo.bytes)].filter(Boolean).join('')),
      row('Kind', photo.mime_type), photo.sidecars.length > 0 && row('Beside it', h('bdi', {}, photo.sidecars.join(', '))), row('Came in', when(photo.created_at)))];
}

/** What people wrote about it, in its file. */
const words = (photo) => [['Title', photo.title], ['Headline', photo.headline], ['Caption', photo.caption], ['Keywords', photo.keywords.map((path) => path.replaceAll('|', ' › ')).join(', ')],
  ['Persons', photo.persons.join(', ')], ['Rating', photo.rating === -1 ? 'rejected' : photo.rating && '★'.repeat(photo.rating)], ['Label', photo.label], ['Creator', photo.creator],
  ['Copyright', photo.copyright]].filter(([, value]) => value);

async function place(photo) {
  if (photo.latitude === null || photo.longitude === null) {
    return photo.position === 'invalid' && h('p', { class: 'quiet-text' }, 'Its file names a position that cannot be one.');
  }
  const { map, coordinates } = await import('./map.js');
  const at = `${photo.latitude.toFixed(5)}/${photo.longitude.toFixed(5)}`;
  return h('section', { class: 'place', 'aria-label': 'Place' }, await map(photo.latitude, photo.longitude),
    h('p', { class: 'quiet-text' }, coordinates(photo.latitude, photo.longitude), ' · ',
      h('a', { class: 'osm', target: '_blank', rel: 'noopener noreferrer',
        href: `https://www.openstreetmap.org/?mlat=${photo.latitude.toFixed(5)}&mlon=${photo.longitude.toFixed(5)}#map=15/${at}` }, 'Open in OpenStreetMap'),
      ' (tells it these coordinates)'),
    (photo.city || photo.country) && h('p', {}, 'More photos of ', [['city', photo.city], ['country', photo.country]].filter(([, name]) => name)
      .flatMap(([kind, name], index) => [index > 0 && ' · ', h('a', { href: `#/photos${search({ [kind]: name })}` }, h('bdi', {}, name))])),
    photo.place_attribution && h('p', { class: 'quiet-text' }, photo.place_attribution));
}

function facesPart(photo, faces, refresh) {
  const shown = faces.filter((face) => face.status !== 'not_face');
  const others = faces.length - shown.length;
  return h('section', { class: 'faces', 'aria-labelledby': 'photo-faces' }, h('h3', { id: 'photo-faces' }, many(shown.length, 'face')),
    shown.map((face) => faceEditor(face, refresh)),
    others > 0 && h('p', { class: 'quiet-text' }, `${many(others, 'box', 'boxes')} that somebody called no face: undo it under People, History.`));
}

/** What steps of one's own made of it. */
const resultsPart = (photo, titles) => Object.entries(photo.results).map(([step, result]) => h('section', { class: 'result', 'aria-labelledby': `result-${step}` },
  h('h3', { id: `result-${step}` }, titles[step] ?? step), h('dl', {}, Object.entries(result).map(([name, value]) => {
    const said = typeof value === 'string' ? value : JSON.stringify(value);
    return [h('dt', {}, h('bdi', {}, name)), h('dd', {}, h('bdi', {}, said.length > LONG ? said.slice(0, LONG) + ' …' : said))];
  }))));

/** The jobs as they are, and each step that was. */
function journeyPart(photo, titles, refresh) {
  const others = Object.keys(photo.jobs).filter((queue) => !(queue in titles)).map((queue) => [queue, queue]);
  const jobs = [...Object.entries(titles), ...others].filter(([queue]) => photo.jobs[queue]).map(([queue, words]) => {
    const job = photo.jobs[queue];
    const again = doing(async () => {
      await post(job.state === 'failed' ? `/api/failures/${job.id}/replay` : `/api/photos/${photo.id}/jobs/${queue}?force=true`);
      say(`${words}: queued again.`);
      await refresh();
    });
    return h('li', { class: job.state }, h('div', {}, h('strong', {}, words), ` ${job.state}`, job.state === 'skipped' && job.cause && `: ${inWords(job.cause).toLowerCase()}`,
      job.state === 'failed' && h('p', { class: 'bad-text' }, job.error),
      job.waiting && h('p', { class: 'quiet-text' }, job.waiting, job.expected_at && ` Expected ${when(job.expected_at)}.`)),
    !['queued', 'running'].includes(job.state) && h('button', { type: 'button', data: { focus: `again-${queue}` }, on: { click: again } }, job.state === 'failed' ? 'Try again' : 'Do again'));
  });
  const steps = h('ol', { class: 'steps' });
  return [h('section', { 'aria-labelledby': 'photo-jobs' }, h('h3', { id: 'photo-jobs' }, 'What was done'), h('ul', { class: 'jobs' }, jobs)),
    details('journey', 'Its journey', async () => {
      const { items, unfinished } = await get(`/api/photos/${photo.id}/journey`);
      return put(steps, items.map((step) => h('li', {}, h('strong', {}, step.step), ` ${step.outcome}`,
        step.duration_ms !== null && ` after ${step.duration_ms < 1000 ? `${step.duration_ms} ms` : duration(step.duration_ms / 1000)}`, ', ', when(step.at),
        step.sentence && h('p', {}, step.sentence))),
      unfinished.map((job) => h('li', {}, h('strong', {}, job.queue), ` ${job.state}`, job.expected_at && `, expected ${when(job.expected_at)}`, h('p', {}, job.waiting))));
    })];
}

const metadataPart = (photo) => details('metadata', 'All metadata', async () => {
  const all = await get(`/api/photos/${photo.id}/metadata`);
  return h('dl', { class: 'all-metadata' }, Object.entries(all).map(([name, value]) => {
    const words = typeof value === 'string' ? value : JSON.stringify(value);
    return [h('dt', {}, h('bdi', {}, name)), h('dd', {}, h('bdi', {}, words.length > LONG ? words.slice(0, LONG) + ' …' : words))];
  }));
});

/** A part that is loaded when it is opened. */
function details(name, words, load) {
  const inside = h('div', {});
  const part = h('details', { class: name }, h('summary', { data: { focus: name } }, words), inside);
  part.addEventListener('toggle', async () => {
    if (!part.open || inside.hasChildNodes()) return;
    try {
      put(inside, await load());
    } catch (problem) {
      put(inside, h('p', { class: 'bad-text' }, problem.message));
    }
  });
  return part;
}
