// Where on Earth: drawn here, from nothing that is fetched from elsewhere.
import { svg } from './dom.js';

const FIFTH = 0.2; // degrees: the unit of land.js
const NO_STEP = 'E'.charCodeAt(0);
const ACROSS = 40; // degrees from side to side of the closer window
const HIGH = (ACROSS * 7) / 12;
const KM = 360 / 40_008; // degrees of a meridian
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
  const project = projection(latitude, longitude);
  const far = svg('path', { class: 'land' });
  const near = svg('path', { class: 'land' });
  import('./land.js').then(({ land }) => {
    const rings = shores(land);
    far.setAttribute('d', closed(rings.map((ring) => ring.map(([x, y]) => [x, -y]))));
    near.setAttribute('d', closed(rings.flatMap((ring) => around(ring, longitude)).map((ring) => fine(ring).map(project))));
  }).catch(console.error);
  // On the world's map a position on the antimeridian is marked on both edges.
  return svg('svg', { class: 'map', viewBox: '0 -9 360 409', role: 'img', 'aria-label': `Map: ${coordinates(latitude, longitude)}` },
    svg('svg', { class: 'world', width: 360, height: 180, viewBox: '-180 -90 360 180' },
      svg('rect', { class: 'sea', x: -180, y: -90, width: 360, height: 180 }), far, grid(30, 0, ([x, y]) => [x, -y]),
      [-360, 0, 360].map((turn) => mark(longitude + turn, -latitude, 1))),
    svg('svg', { y: 190, width: 360, height: 210, viewBox: `${-ACROSS / 2} ${-HIGH / 2} ${ACROSS} ${HIGH}` },
      svg('rect', { class: 'sea', x: -ACROSS, y: -ACROSS, width: 2 * ACROSS, height: 2 * ACROSS }), near,
      grid(10, longitude, project), mark(0, 0, 0.14)),
    svg('path', { class: 'scale', d: `M10 388v4h${(500 * KM * 360) / ACROSS}v-4` }),
    svg('text', { x: 10, y: 383 }, '500 km'));
}

const mark = (cx, cy, size) => [svg('circle', { class: 'ring', cx, cy, r: 9 * size }), svg('circle', { class: 'spot', cx, cy, r: 3.5 * size })];
const range = (from, to, by) => Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by);
const polyline = (points) => 'M' + points.map(([x, y]) => `${x.toFixed(2)} ${y.toFixed(2)}`).join('L');
const closed = (rings) => rings.map((ring) => polyline(ring) + 'z').join('');

/** The meridians within half a turn of one, and the parallels. */
function grid(step, longitude, project) {
  const [west, east] = [longitude - 180, longitude + 180];
  const meridians = range(Math.ceil(west / step) * step, east, step).map((x) => [[x, step - 90], [x, 90 - step]]);
  const parallels = range(step - 90, 90 - step, step).map((y) => range(west, east, 2).map((x) => [x, y]));
  return svg('path', { class: 'grid', d: [...meridians, ...parallels].map((line) => polyline(line.map(project))).join('') });
}

/**
 * The equidistant conic projection that touches the Earth at a position, which becomes 0, 0: x to the right, y down, a unit is a degree of
 * a meridian. Near the Equator it is the plate carrée; beyond 60 degrees the azimuthal equidistant of the pole, which has no gap behind it.
 * J. P. Snyder, Map Projections: A Working Manual (USGS Professional Paper 1395), pages 111 and 191.
 */
function projection(latitude, longitude) {
  const side = latitude < 0 ? -1 : 1;
  const touching = Math.max(0.01, side * latitude);
  const polar = touching > 60;
  const cone = polar ? 1 : Math.sin(touching / RADIAN);
  const apex = polar ? 90 : RADIAN / Math.tan(touching / RADIAN) + touching;
  return ([x, y]) => {
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
const around = (ring, longitude) => [-360, 0, 360].map((turn) =>
  cut(cut(ring.map(([x, y]) => [x + turn, y]), longitude - 181, 1), longitude + 181, -1)).filter((part) => part.length);

/** A ring east (side 1) or west (-1) of a meridian, after Sutherland and Hodgman. */
function cut(ring, meridian, side) {
  const inside = ([x]) => (x - meridian) * side >= 0;
  return ring.flatMap((to, i) => {
    const [x, y] = ring.at(i - 1);
    const crossing = inside([x]) === inside(to) ? [] : [[meridian, y + ((to[1] - y) * (meridian - x)) / (to[0] - x)]];
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
