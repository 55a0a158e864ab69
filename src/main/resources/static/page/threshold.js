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
const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumSignificantDigits: 2 });
/** With a point in any language, as the setting wants it. */
const digits = (distance) => distance.toFixed(3).replace(/0$/, '');

export async function open(main, { signal }) {
  const box = h('div', { class: 'lab' }, h('div', { class: 'empty', role: 'status' },
    h('p', {}, 'Comparing the confirmed faces with each other. With many of them this takes some seconds.'), h('progress', { 'aria-label': 'Comparing' })));
  main.append(box);
  // Not awaited: the view is there meanwhile.
  get('/api/people/distances', {}, signal).then((distances) => show(box, distances, signal)).catch((problem) => {
    if (signal.aborted) return;
    put(box);
    failed(problem);
  });
}

function show(box, distances, signal) {
  if (distances.people < 2 || distances.between.counted === 0) {
    put(box, h('div', { class: 'empty' }, h('h2', {}, 'Two people are needed'),
      h('p', {}, distances.people === 0 ? 'No face has been confirmed yet.' : `So far ${many(distances.people, 'person', 'people')} with ${many(distances.faces, 'confirmed face')}.`,
        ' Confirm a few faces each of two people or more: then this page shows how far the faces of your own photos lie apart, and which threshold tells them apart best.'),
      h('p', {}, h('a', { href: '#/review', class: 'button' }, 'Name faces'))));
    return;
  }
  const now = distances.threshold;
  const best = balance(distances);
  const figure = h('div', { class: 'diagram' });
  const output = h('output', { for: 'threshold' });
  const input = h('input', { type: 'range', id: 'threshold', min: LEAST, max: MOST, step: STEP, value: now, list: 'thresholds', on: { input: () => set(Number(input.value)) } });
  const words = h('ul', { class: 'effects' });
  const setting = h('code', {});
  const to = (value, label) => h('button', { type: 'button', on: { click: () => set(value) } }, `${label}: ${digits(value)}`);
  put(box, h('p', { class: 'sentence' }, 'A face nearer to a person’s face than the threshold is suggested to be that person. Try another one here, on ',
    `${many(distances.faces, 'confirmed face')} of ${many(distances.people, 'person', 'people')}: nothing is changed by it.`),
    legend(), figure,
    h('div', { class: 'choose' }, h('label', { for: 'threshold' }, 'Threshold'), output, input,
      h('datalist', { id: 'thresholds' }, h('option', { value: now, label: `now ${digits(now)}` }))),
    h('div', { class: 'toolbar' }, to(now, 'As it is set now'), best !== null && to(best, 'Where both errors are equal')),
    h('section', { class: 'card', 'aria-label': 'What it would do' }, words),
    h('section', { class: 'card' }, h('h2', {}, 'To set it'), h('p', {}, setting, ' in the environment, then start Caravel again.'),
      h('p', { class: 'sentence' }, 'From then on new faces, and those to review whenever a person is confirmed, are held against it. ',
        'Confirmed faces stay whose they are, and suggestions made before stay until they are decided or their photo is searched again.')),
    table(distances));

  let move = () => {};
  function set(value) {
    input.value = value;
    const here = Number(input.value);
    move(here);
    text(output, digits(here));
    text(setting, `CARAVEL_FACE_THRESHOLD=${digits(here)}`);
    const told = effects(distances, here, now);
    input.setAttribute('aria-valuetext', `${digits(here)}: ${told.flatMap((effect) => effect.short ?? []).join(', ')}`);
    put(words, told.map((effect) => h('li', {}, h('strong', {}, effect.figure), h('span', {}, effect.sentence, h('small', {}, effect.more)))));
  }
  const drawn = new ResizeObserver(() => {
    const wide = Math.round(figure.clientWidth);
    if (wide === 0 || figure.firstChild?.getAttribute('width') === String(wide)) return;
    const picture = diagram(distances, wide);
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
  if (!histogram.counted) return 0;
  const at = distance / bin;
  const whole = Math.floor(at + 1e-9);
  const sum = histogram.counts.slice(0, whole).reduce((all, each) => all + each, 0) + (histogram.counts[whole] ?? 0) * Math.max(0, at - whole);
  return Math.min(1, sum / histogram.counted);
}

/** The threshold at which as large a share would lose their person as could be joined with a wrong one; null: it cannot be told. */
function balance({ nearest_same: same, nearest_other: other, bin }) {
  if (!same.counted || !other.counted) return null;
  const tried = Array.from({ length: Math.round((MOST - LEAST) / STEP) + 1 }, (_, i) => {
    const value = LEAST + i * STEP;
    return { value, gap: Math.abs(1 - below(same, value, bin) - below(other, value, bin)) };
  });
  const least = Math.min(...tried.map((each) => each.gap));
  // Where people lie far apart, many are equally good: the middle of them.
  const good = tried.filter((each) => each.gap <= least + 1e-9);
  return good[Math.floor(good.length / 2)].value;
}

/** What a threshold would do to the library, against the present one. */
function effects(distances, value, now) {
  const { bin, nearest_same: same, nearest_other: other, to_review: review, within, between } = distances;
  const faces = (histogram, share) => Math.round(share * histogram.faces);
  const lost = (at) => faces(same, 1 - below(same, at, bin));
  const wrong = (at) => faces(other, below(other, at, bin));
  const suggested = (at) => faces(review, below(review, at, bin));
  const present = (figure) => (digits(value) === digits(now) ? 'As now.' : `Now: ${count(figure(now))}.`);
  const more = (figure, histogram) => ` ${present(figure)}${sampled(histogram, 'face')}`;
  return [
    { figure: count(lost(value)), short: `${count(lost(value))} parted`, more: more(lost, same),
      sentence: `of ${many(same.faces, 'confirmed face')} that ${same.faces === 1 ? 'has' : 'have'} another of the same person would lose it: the nearest lies beyond.` },
    { figure: count(wrong(value)), short: `${count(wrong(value))} at risk`, more: more(wrong, other),
      sentence: `of ${many(other.faces, 'confirmed face')} could be joined with the wrong person: a face of somebody else lies nearer than that.` },
    { figure: count(suggested(value)), short: `${count(suggested(value))} suggested`, more: more(suggested, review),
      sentence: `of ${many(review.faces, 'face')} to review would have a suggestion.` },
    { figure: `${percent.format(1 - below(within, value, bin))} / ${percent.format(below(between, value, bin))}`,
      sentence: 'of the pairs of faces would be wrong: within one person too far apart / of two people too near.',
      more: sampled(within, 'pair') + sampled(between, 'pair') },
  ];
}

const sampled = (histogram, unit) => (histogram.exact ? '' : ` From a sample: ${count(histogram.counted)} of ${many(histogram.pairs ?? histogram.faces, unit)}.`);

const shares = (histogram) => histogram.counts.map((each) => (histogram.counted ? each / histogram.counted : 0));

/** Bins up to the last that is not empty, at least to a distance of 1. */
const used = ({ within, between, bin }) => Math.min(within.counts.length,
  Math.max(Math.round(1 / bin), 1 + Math.max(within.counts.findLastIndex((n) => n > 0), between.counts.findLastIndex((n) => n > 0))));

/** Both histograms over one axis, as wide as asked for in pixels; `move` sets the line of the threshold. */
function diagram(distances, wide) {
  const bins = used(distances);
  const groups = [['within', shares(distances.within)], ['between', shares(distances.between)]];
  const top = Math.max(0.01, ...groups.flatMap(([, each]) => each)) * 1.05;
  const x = (distance) => EDGE.left + (distance / (bins * distances.bin)) * (wide - EDGE.left - EDGE.right);
  const y = (part) => HIGH - EDGE.bottom - (part / top) * (HIGH - EDGE.top - EDGE.bottom);
  const steps = (values) => `M${x(0)} ${y(0)}` + values.slice(0, bins).map((value, i) =>
    `V${y(value).toFixed(1)}H${x((i + 1) * distances.bin).toFixed(1)}`).join('') + `V${y(0)}z`;
  const label = (words, attributes) => svg('text', attributes, words);
  const every = wide < 500 ? 0.2 : 0.1;
  const marks = Array.from({ length: Math.floor((bins * distances.bin) / every + 1e-9) + 1 }, (_, i) => i * every);
  const rungs = Array.from({ length: 9 }, (_, i) => i * nice(top / 3)).filter((part) => part <= top);
  const threshold = svg('g', { class: 'tried' }, svg('path', { d: `M0 ${EDGE.top - 6}V${y(0)}` }), label('', { x: 0, y: 13, 'text-anchor': 'middle' }));
  const present = x(distances.threshold);
  const element = svg('svg', { width: wide, height: HIGH, viewBox: `0 0 ${wide} ${HIGH}`, role: 'img',
    'aria-label': `Two histograms of distances: within one person mostly about ${peak(distances, 'within')}, between people mostly about ${peak(distances, 'between')}. The figures are in the table below.` },
    svg('defs', {}, svg('pattern', { id: 'hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' }, svg('path', { d: 'M0 0V6' }))),
    rungs.map((part) => [svg('path', { class: 'rung', d: `M${EDGE.left} ${y(part)}H${wide - EDGE.right}` }),
      label(percent.format(part), { x: EDGE.left - 6, y: y(part) + 4, 'text-anchor': 'end' })]),
    groups.map(([name, values]) => svg('path', { class: name, d: steps(values) })),
    marks.map((distance) => label(distance.toFixed(1), { x: x(distance), y: HIGH - EDGE.bottom + 16, 'text-anchor': 'middle' })),
    label('distance between two faces', { x: wide - EDGE.right, y: HIGH - 4, 'text-anchor': 'end' }),
    label('share of the pairs', { x: 0, y: 13 }),
    svg('g', { class: 'present' }, svg('path', { d: `M${present} ${EDGE.top}V${y(0)}` })),
    threshold);
  return {
    element,
    move(distance) {
      threshold.setAttribute('transform', `translate(${x(distance).toFixed(1)} 0)`);
      text(threshold.lastChild, digits(distance));
    },
  };
}

/** A round number near the one given: 1, 2 or 5 times a power of ten. */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].findLast((each) => each * power <= value) ?? 1);
}

const peak = (distances, name) => {
  const { counts } = distances[name];
  return (counts.indexOf(Math.max(...counts)) * distances.bin + distances.bin / 2).toFixed(2);
};

function legend() {
  const swatch = (name) => svg('svg', { width: 28, height: 16, 'aria-hidden': 'true' }, svg('rect', { class: name, x: 1, y: 1, width: 26, height: 14 }));
  const line = (name) => svg('svg', { class: name, width: 16, height: 16, 'aria-hidden': 'true' }, svg('path', { d: 'M8 0V16' }));
  return h('ul', { class: 'legend' },
    h('li', {}, swatch('within'), 'pairs of faces of one person'), h('li', {}, swatch('between'), 'pairs of faces of two people'),
    h('li', {}, line('tried'), 'the threshold tried'), h('li', {}, line('present'), 'as it is set now'));
}

function table(distances) {
  const [within, between] = [shares(distances.within), shares(distances.between)];
  const rows = within.map((part, i) => [i, part, between[i]]).filter(([, one, two]) => one || two).map(([i, one, two]) => h('tr', {},
    h('th', { scope: 'row' }, `${(i * distances.bin).toFixed(2)} to ${((i + 1) * distances.bin).toFixed(2)}`),
    h('td', {}, percent.format(one)), h('td', {}, percent.format(two))));
  return h('details', {}, h('summary', {}, 'The figures as a table'), h('table', {},
    h('caption', { class: 'visually-hidden' }, 'Share of the pairs by distance'),
    h('thead', {}, h('tr', {}, ['Distance', 'Of one person', 'Of two people'].map((words) => h('th', { scope: 'col' }, words)))), h('tbody', {}, rows)));
}
