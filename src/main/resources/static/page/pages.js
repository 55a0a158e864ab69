// A long list, loaded page by page as one scrolls.
import { h } from './dom.js';
import { failed } from './say.js';

/**
 * Shows a list in `box`, a page more whenever its end comes near.
 * @param {HTMLElement} box in the document
 * @param {object} ways
 * @param {(query: {page: number, size: number}, signal: AbortSignal) => Promise<{items: {id: number}[], total: number}>} ways.load
 * @param {(item: object) => HTMLElement} ways.row
 * @param {(total: number) => void} ways.told how many there are, whenever it is known anew
 * @param {AbortSignal} ways.signal ends it
 * @returns {{again: () => Promise<void>, afresh: () => Promise<void>}} `again` loads what is shown once more and keeps what is the same, with
 *   its focus; `afresh` begins at the first page
 */
export function pages(box, { load, row, told, signal, size = 100 }) {
  const shown = new Map(); // by id: {json, element}
  let run = new AbortController();
  let next = 0;
  let done = false;
  const end = h('div', { class: 'end' });
  box.after(end);
  const near = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && more(),
    { root: document.getElementById('main'), rootMargin: '100% 0px' });
  signal.addEventListener('abort', () => {
    run.abort();
    near.disconnect();
  });

  function element(item) {
    const json = JSON.stringify(item);
    const known = shown.get(item.id);
    const entry = known?.json === json ? known : { json, element: row(item) };
    shown.set(item.id, entry);
    return entry.element;
  }

  /** Looks again whether the end is near: an observer tells of changes alone. */
  function watch() {
    near.unobserve(end);
    if (!done && !signal.aborted) near.observe(end);
  }

  async function more() {
    const mine = run;
    near.unobserve(end);
    try {
      const answer = await load({ page: next, size }, mine.signal);
      if (mine.signal.aborted) return;
      // What went or came meanwhile has moved the pages: what is there already is not shown twice.
      box.append(...answer.items.filter((item) => !shown.has(item.id)).map(element));
      next += 1;
      done = answer.items.length < size;
      told(answer.total);
      watch();
    } catch (problem) {
      if (!mine.signal.aborted) failed(problem);
    }
  }

  let last = null; // a button that is disabled while it works loses the focus to nobody
  box.addEventListener('focusin', (event) => (last = event.target));

  /** Remembers the row that has the focus; answers how it gets it back, or, if it goes, the row in its place. */
  function focus() {
    const element = document.activeElement === document.body ? last : document.activeElement;
    const at = [...box.children].findIndex((each) => each.contains(element));
    if (at < 0) return () => {};
    const id = [...shown].find(([, entry]) => entry.element === box.children[at])?.[0];
    return () => {
      const now = shown.get(id)?.element ?? box.children[Math.min(at, box.children.length - 1)];
      const same = element.isConnected && !element.disabled ? element : now?.querySelector(element.dataset.does ? `[data-does=${element.dataset.does}]` : 'a, button');
      same?.focus({ preventScroll: true });
    };
  }

  async function again() {
    run.abort();
    const mine = run = new AbortController();
    try {
      const answers = await Promise.all(Array.from({ length: Math.max(1, next) }, (_, page) => load({ page, size }, mine.signal)));
      if (mine.signal.aborted) return;
      const items = [...new Map(answers.flatMap((answer) => answer.items).map((item) => [item.id, item])).values()];
      const back = focus();
      const elements = items.map(element);
      const kept = new Set(items.map((item) => item.id));
      [...shown.keys()].filter((id) => !kept.has(id)).forEach((id) => shown.delete(id));
      elements.forEach((each, i) => box.children[i] === each || box.insertBefore(each, box.children[i] ?? null));
      while (box.children.length > elements.length) box.lastChild.remove();
      back();
      next = answers.length;
      done = answers.at(-1).items.length < size;
      told(answers[0].total);
      watch();
    } catch (problem) {
      if (!mine.signal.aborted) failed(problem);
    }
  }

  async function afresh() {
    next = 0;
    await again();
  }

  watch();
  return { again, afresh };
}
