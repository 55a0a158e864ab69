// Where on Earth: drawn here, from nothing that is fetched from elsewhere.
import { svg } from './dom.js';

const FIFTH = 0.2; // degrees: the unit of land.js
const NO_STEP = 'E'.charCodeAt(0);
const ACROSS = 40; // degrees from side to side of the closer window
const HIGH = (ACROSS * 7) / 12;
const KM = 360 / 40_008; // degrees of a meridian
const PIXELS = 360 / ACROSS; // a degree in the closer window
const RADIAN = 180 / Math.PI;

/** A position, WGS 84 in degrees, as '38.7223° N, 9.1393° W'. */
export function coordinates(latitude, longitude) {
  const one = (degrees, [plus, minus]) => {
    const words = Math.abs(degrees).toFixed(4);
    return `${words}° ${degrees < 0 && Number(words) ? minus : plus}`;
  };
  return `${one(latitude, 'NS')}, ${one(longitude, 'EW')}`;
}

/**
 * A map of the whole world with the position marked, and below it a window of 40 degrees around it.
 * @param {number} latitude WGS 84, degrees north
 * @param {number} longitude WGS 84, degrees east
 * @returns {SVGSVGElement} with an accessible name; the land comes a moment later
 */
export function map(latitude, longitude) {
  const far = world(latitude, longitude);
  const near = closer(latitude, longitude);
  import('./land.js').then(({ land }) => {
    const rings = shores(land);
    far.land.setAttribute('d', closed(rings.map((ring) => ring.map(([x, y]) => [x, -y]))));
    near.land.setAttribute('d', closed(near.project(rings)));
  }).catch(console.error);
  return svg('svg', { class: 'map', viewBox: '0 -9 360 409', role: 'img', 'aria-label': `Map: ${coordinates(latitude, longitude)}` },
    svg('svg', { class: 'world', width: 360, height: 180, viewBox: '-180 -90 360 180' }, far.drawn),
    svg('svg', { y: 190, width: 360, height: 210, viewBox: `${-ACROSS / 2} ${-HIGH / 2} ${ACROSS} ${HIGH}` }, near.drawn),
    svg('path', { class: 'bar', d: `M10 388v4h${500 * KM * PIXELS}v-4` }),
    svg('text', { x: 10, y: 383 }, '500 km'));
}

const graticule = (d) => svg('path', { class: 'graticule', d });
const range = (from, to, by) => Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by);
const polyline = (points) => 'M' + points.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`).join('L');
const closed = (rings) => rings.map((ring) => polyline(ring) + 'z').join('');

/** Plate carrée: a unit is a degree. */
function world(latitude, longitude) {
  const land = svg('path', { class: 'land' });
  const lines = range(-150, 150, 30).map((x) => `M${x}-90v180`).concat(range(-60, 60, 30).map((y) => `M-180 ${y}h360`)).join('');
  // A mark on the antimeridian shows on both edges.
  const marks = [-360, 0, 360].map((turn) => [['around', 9], ['mark', 3.5]].map(([name, r]) =>
    svg('circle', { class: name, cx: longitude + turn, cy: -latitude, r })));
  return { land, drawn: [svg('rect', { class: 'sea', x: -180, y: -90, width: 360, height: 180 }), land, graticule(lines), marks] };
}

function closer(latitude, longitude) {
  const project = projection(latitude, longitude);
  const between = (by) => range(Math.ceil((longitude - 180) / by) * by, longitude + 180, by);
  const meridians = between(Math.abs(latitude) > 70 ? 30 : 10)
    .map((x) => polyline([Math.max(-90, latitude - ACROSS), Math.min(90, latitude + ACROSS)].map((y) => project(x, y))));
  const parallels = range(-80, 80, 10).filter((y) => Math.abs(y - latitude) < ACROSS)
    .map((y) => polyline(range(longitude - 180, longitude + 180, 2).map((x) => project(x, y))));
  const land = svg('path', { class: 'land' });
  return {
    land,
    project: (rings) => rings.flatMap((ring) => around(ring, longitude)).map((ring) => fine(ring).map(([x, y]) => project(x, y))).filter(visible),
    drawn: [svg('rect', { class: 'sea', x: -ACROSS, y: -ACROSS, width: 2 * ACROSS, height: 2 * ACROSS }), land,
      graticule(meridians.concat(parallels).join('')), svg('circle', { class: 'around', r: 1.4 }), svg('circle', { class: 'mark', r: 0.5 })],
  };
}

/**
 * The equidistant conic projection that touches the Earth at a position, which becomes 0, 0: x to the right, y down, a unit is a degree of
 * a meridian. Near the Equator it is the plate carrée; beyond 60 degrees the azimuthal equidistant of the pole, which has no gap behind it.
 * J. P. Snyder, Map Projections: A Working Manual (USGS Professional Paper 1395), pages 111 and 191.
 */
function projection(latitude, longitude) {
  const side = latitude < 0 ? -1 : 1;
  const touching = Math.max(0.01, side * latitude);
  const cone = touching > 60 ? 1 : Math.sin(touching / RADIAN);
  const apex = touching > 60 ? 90 : RADIAN / Math.tan(touching / RADIAN) + touching;
  return (x, y) => {
    const radius = apex - side * y;
    const angle = (cone * (x - longitude)) / RADIAN;
    return [radius * Math.sin(angle), side * (radius * Math.cos(angle) - (apex - side * latitude))];
  };
}

/** The shores of land.js as rings of [longitude, latitude]. */
function shores(land) {
  const parts = land.replaceAll('\n', '').split(' ');
  return range(0, parts.length - 3, 3).map((at) => {
    let [x, y] = [Number(parts[at]), Number(parts[at + 1])];
    const step = (i) => parts[at + 2].charCodeAt(i) - NO_STEP;
    return [[x, y], ...range(0, parts[at + 2].length - 2, 2).map((i) => [(x += step(i)), (y += step(i + 1))])]
      .map(([east, south]) => [east * FIFTH, -south * FIFTH]);
  });
}

/** What of a ring, a turn to the west or to the east, lies within half a turn of a meridian, and a degree more to leave no seam. */
function around(ring, longitude) {
  return [-360, 0, 360].map((turn) => {
    const moved = ring.map(([x, y]) => [x + turn, y]);
    return cut(cut(moved, longitude - 181, 1), longitude + 181, -1);
  }).filter((part) => part.length);
}

/** A ring east (side 1) or west (-1) of a meridian, after Sutherland and Hodgman. */
function cut(ring, meridian, side) {
  const inside = ([x]) => (x - meridian) * side >= 0;
  return ring.flatMap((to, i) => {
    const from = ring.at(i - 1);
    const crossing = inside(from) === inside(to) ? []
      : [[meridian, from[1] + ((to[1] - from[1]) * (meridian - from[0])) / (to[0] - from[0])]];
    return inside(to) ? [...crossing, to] : crossing;
  });
}

/** With further points on long edges, for along a parallel they are curved. */
function fine(ring) {
  return ring.flatMap((to, i) => {
    const [x, y] = ring.at(i - 1);
    const pieces = Math.ceil(Math.abs(to[0] - x) / 5) || 1;
    return range(1, pieces, 1).map((n) => [x + ((to[0] - x) * n) / pieces, y + ((to[1] - y) * n) / pieces]);
  });
}

/** Whether the box around a ring meets the window: it may lie within the ring. */
function visible(ring) {
  const meets = (axis, half) => ring.some((point) => point[axis] > -half) && ring.some((point) => point[axis] < half);
  return meets(0, ACROSS / 2) && meets(1, HIGH / 2);
}
