// A list of any length of which only the rows to be seen exist. All rows are of one height.
import { h } from './dom.js';

const BEYOND = 8;

/**
 * Makes such a list.
 * @param {number} height of a row, pixels
 * @param {(item: object) => Node} row
 * @returns {{element: HTMLElement, show: (items: object[]) => void}} `show` draws anew
 */
export function rows(height, row) {
  const inner = h('ul', { class: 'rows-inner' });
  const element = h('div', { class: 'rows', tabindex: '0', role: 'region', 'aria-label': 'Files', on: { scroll: () => requestAnimationFrame(draw) } }, inner);
  let items = [];
  function draw() {
    const first = Math.max(0, Math.floor(element.scrollTop / height) - BEYOND);
    const last = Math.min(items.length, Math.ceil((element.scrollTop + element.clientHeight) / height) + BEYOND);
    inner.style.height = `${items.length * height}px`;
    inner.replaceChildren(...items.slice(first, last).map((item, n) => {
      const line = h('li', { 'aria-setsize': items.length, 'aria-posinset': first + n + 1 }, row(item));
      line.style.top = `${(first + n) * height}px`;
      line.style.height = `${height}px`;
      return line;
    }));
  }
  return {
    element,
    show(now) {
      items = now;
      if (!inner.contains(document.activeElement)) draw(); // a link in it keeps the focus
    },
  };
}
