// The threshold lab: how far the confirmed faces lie apart, and what another CARAVEL_FACE_THRESHOLD would join and part among them.
import { get } from './api.js';
import { h, put, svg, text } from './dom.js';
import { failed } from './say.js';
import { count, many } from './words.js';

export const title = 'Threshold';

const LEAST = 0.3;
const MOST = 0.9;
const STEP = 0.005;
const HIGH = 260; // pixels of the diagram
const EDGE = { top: 26, right: 14, bottom: 38, left: 46 };
const percent = (share) => share.toLocaleString(undefined, { style: 'percent', maximumSignificantDigits: 2 });
/** With a point in any language, as the setting wants it. */
const digits = (distance) => distance.toFixed(3).replace(/0$/, '');

export async function open(main, { signal }) {
  const box = h('div', { class: 'lab' }, h('div', { class: 'empty', role: 'status' },
    h('p', {}, 'Comparing the confirmed faces with each other. With many of them this takes some seconds.'),
    h('progress', { 'aria-label': 'Comparing' })));
  main.append(box);
  // Not awaited: the view is there meanwhile.
  get('/api/people/distances', {}, signal).then((distances) => show(box, distances, signal)).catch((problem) => {
    if (!signal.aborted) put(box);
    failed(problem);
  });
}

function show(box, distances, signal) {
  const { threshold: now, people, faces } = distances;
  const of = `${many(faces, 'confirmed face')} of ${many(people, 'person', 'people')}`;
  if (people < 2 || !distances.between.counted) {
    put(box, h('div', { class: 'empty' }, h('h2', {}, 'Two people are needed'),
      h('p', {}, `${faces ? `There are ${of}` : 'No face has been confirmed yet'}. Confirm a few faces each of two people or more: then this page `
        + 'shows how far the faces of your own photos lie apart, and which threshold tells them apart best.'),
      h('a', { href: '#/review', class: 'button' }, 'Name faces')));
    return;
  }
  const best = balance(distances);
  const figure = h('div', { class: 'diagram' });
  const output = h('output', { for: 'threshold' });
  const input = h('input', { type: 'range', id: 'threshold', min: LEAST, max: MOST, step: STEP, value: now, list: 'thresholds',
    on: { input: () => set(input.value) } });
  const words = h('ul', { class: 'effects' });
  const setting = h('code');
  const to = (value, label) => h('button', { type: 'button', on: { click: () => set(value) } }, `${label}: ${digits(value)}`);
  put(box, h('p', { class: 'sentence' }, 'A face nearer to a person’s face than the threshold is suggested to be that person. '
    + `Try another one here, on ${of}: nothing is changed by it.`),
    legend(), figure,
    h('div', { class: 'choose' }, h('label', { for: 'threshold' }, 'Threshold'), output, input,
      h('datalist', { id: 'thresholds' }, h('option', { value: now }))),
    h('div', { class: 'toolbar' }, to(now, 'As it is set now'), best && to(best, 'Where both errors are equal')),
    h('section', { class: 'card', 'aria-label': 'What it would do' }, words),
    h('section', { class: 'card' }, h('h2', {}, 'To set it'), h('p', {}, setting, ' in the environment, then start Caravel again.'),
      h('p', { class: 'sentence' },
        'From then on new faces, and those to review whenever a person is confirmed, are held against it. Confirmed faces stay whose they '
        + 'are, and suggestions made before stay until they are decided or their photo is searched again.')),
    table(distances));

  let move = () => {};
  function set(value) {
    input.value = value;
    const here = Number(input.value);
    const effects = consequences(distances, here);
    move(here);
    text(output, digits(here));
    text(setting, `CARAVEL_FACE_THRESHOLD=${digits(here)}`);
    input.setAttribute('aria-valuetext', [digits(here), ...effects.flatMap((effect) => effect.short ?? [])].join(', '));
    put(words, effects.map(({ figures, sentence, more }) => h('li', {}, h('strong', {}, figures), h('span', {}, sentence, h('small', {}, more)))));
  }
  const drawn = new ResizeObserver(([{ contentRect: { width } }]) => {
    if (!width) return;
    const picture = diagram(distances, Math.round(width));
    move = picture.move;
    put(figure, picture.element);
    move(Number(input.value));
  });
  drawn.observe(figure);
  signal.addEventListener('abort', () => drawn.disconnect());
  set(now);
}

/** The share of a histogram below a distance; within a bin they are taken as spread evenly. */
function below(histogram, distance, bin) {
  const at = distance / bin;
  const whole = Math.floor(at + 1e-9);
  const sum = histogram.counts.slice(0, whole).reduce((all, each) => all + each, 0) + (histogram.counts[whole] ?? 0) * (at - whole);
  return histogram.counted && Math.min(1, Math.max(0, sum / histogram.counted));
}
const beyond = (histogram, ...at) => histogram.counted && 1 - below(histogram, ...at);

/** The threshold at which as large a share would lose their person as could be joined with a wrong one; null: it cannot be told. */
function balance({ nearest_same: same, nearest_other: other, bin }) {
  if (!same.counted || !other.counted) return null;
  const gap = (value) => Math.abs(beyond(same, value, bin) - below(other, value, bin));
  const tried = Array.from({ length: Math.round((MOST - LEAST) / STEP) + 1 }, (_, i) => LEAST + i * STEP);
  const least = Math.min(...tried.map(gap));
  // Where people lie far apart, many are equally good: the middle of them.
  const good = tried.filter((value) => gap(value) <= least + 1e-9);
  return good[Math.floor(good.length / 2)];
}

/** What a threshold would do to the library, against the present one. */
function consequences({ bin, threshold: now, nearest_same: same, nearest_other: other, to_review: review, within, between }, value) {
  const effect = (histogram, share, short, sentence) => {
    const faces = (at) => count(Math.round(share(histogram, at, bin) * histogram.faces));
    const present = digits(value) === digits(now) ? 'As now.' : `Now: ${faces(now)}.`;
    return { figures: faces(value), short: `${faces(value)} ${short}`, sentence, more: ` ${present}${sampled(histogram, 'face')}` };
  };
  return [
    effect(same, beyond, 'parted',
      `of ${many(same.faces, 'confirmed face')} with another of the same person would lose it: the nearest lies beyond.`),
    effect(other, below, 'at risk',
      `of ${many(other.faces, 'confirmed face')} could be joined with the wrong person: a face of somebody else lies nearer than that.`),
    effect(review, below, 'suggested', `of ${many(review.faces, 'face')} to review would have a suggestion.`),
    { figures: `${percent(beyond(within, value, bin))} / ${percent(below(between, value, bin))}`,
      sentence: 'of the pairs of faces would be wrong: of one person and too far apart / of two people and too near.',
      more: sampled(within, 'pair') + sampled(between, 'pair') },
  ];
}

const sampled = (histogram, unit) =>
  (histogram.exact ? '' : ` From a sample: ${count(histogram.counted)} of ${many(histogram.pairs ?? histogram.faces, unit)}.`);

/** Both histograms over one axis, as wide as asked for in pixels; `move` sets the line of the threshold. */
function diagram(distances, wide) {
  const { bin, threshold: now } = distances;
  const groups = ['within', 'between'].map((name) => [name, shares(distances[name])]);
  const bins = Math.max(Math.round(1 / bin), ...groups.map(([, values]) => 1 + values.findLastIndex((n) => n > 0)));
  const top = 1.05 * Math.max(0.01, ...groups.flatMap(([, values]) => values));
  const x = (distance) => EDGE.left + (distance / (bins * bin)) * (wide - EDGE.left - EDGE.right);
  const y = (part) => HIGH - EDGE.bottom - (part / top) * (HIGH - EDGE.top - EDGE.bottom);
  const outline = (values) => `M${x(0)} ${y(0)}`
    + values.slice(0, bins).map((value, i) => `V${y(value).toFixed(1)}H${x((i + 1) * bin).toFixed(1)}`).join('') + `V${y(0)}z`;
  const upright = (name, words) => svg('g', { class: name }, svg('path', { d: `M0 ${EDGE.top - 6}V${y(0)}` }), label(words, 0, 13, 'middle'));
  const upTo = (end, step) => Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => i * step);
  const tried = upright('tried', '');
  const present = upright('present', '');
  const shift = (line, distance) => line.setAttribute('transform', `translate(${x(distance).toFixed(1)} 0)`);
  shift(present, now);
  return {
    element: svg('svg', { width: wide, height: HIGH, role: 'img', 'aria-label': `Histograms of distances: within one person most often about ${
      mode(distances, 'within')}, between people about ${mode(distances, 'between')}. The figures are in the table below.` },
    svg('pattern', { id: 'hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' }, svg('path', { d: 'M0 0V6' })),
    upTo(top, nice(top / 3)).map((part) =>
      [svg('path', { class: 'rung', d: `M${EDGE.left} ${y(part)}H${wide - EDGE.right}` }), label(percent(part), EDGE.left - 6, y(part) + 4, 'end')]),
    groups.map(([name, values]) => svg('path', { class: name, d: outline(values) })),
    upTo(bins * bin, wide < 500 ? 0.2 : 0.1).map((distance) => label(distance.toFixed(1), x(distance), HIGH - EDGE.bottom + 16, 'middle')),
    label('distance between two faces', wide - EDGE.right, HIGH - 4, 'end'), label('share of the pairs', 0, 13, 'start'), present, tried),
    move(distance) {
      shift(tried, distance);
      text(tried.lastChild, digits(distance));
    },
  };
}

const label = (words, x, y, anchor) => svg('text', { x, y, 'text-anchor': anchor }, words);
const shares = (histogram) => histogram.counts.map((each) => (histogram.counted ? each / histogram.counted : 0));

/** The middle of a histogram's fullest bin. */
const mode = ({ bin, ...histograms }, name) => ((histograms[name].counts.indexOf(Math.max(...histograms[name].counts)) + 0.5) * bin).toFixed(2);

/** 1, 2 or 5 times a power of ten: the largest such number up to the one given. */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 5].findLast((each) => each * power <= value * 1.001);
}

function legend() {
  const swatch = (name, shape, words) => h('li', {}, svg('svg', { class: name, width: 28, height: 16, 'aria-hidden': 'true' }, shape), words);
  const box = (name) => svg('rect', { class: name, x: 1, y: 1, width: 26, height: 14 });
  const line = () => svg('path', { d: 'M14 0V16' });
  return h('ul', { class: 'legend' },
    swatch('', box('within'), 'pairs of faces of one person'), swatch('', box('between'), 'pairs of faces of two people'),
    swatch('tried', line(), 'the threshold tried'), swatch('present', line(), 'as it is set now'));
}

function table({ within, between, bin }) {
  const [one, two] = [shares(within), shares(between)];
  const row = (tag, [first, ...others]) => h('tr', {},
    h('th', { scope: tag === 'th' ? 'col' : 'row' }, first), others.map((words) => h(tag, {}, words)));
  return h('details', {}, h('summary', {}, 'The figures as a table'), h('table', {},
    h('thead', {}, row('th', ['Distance', 'Pairs of one person', 'Of two people'])),
    h('tbody', {}, one.map((_, i) => (one[i] || two[i]) > 0
      && row('td', [`${(i * bin).toFixed(2)} to ${((i + 1) * bin).toFixed(2)}`, percent(one[i]), percent(two[i])])))));
}
