// A long list, loaded page by page as one scrolls.
import { h } from './dom.js';
import { failed } from './say.js';

const SIZE = 100;
const AGAIN_MS = 3000;

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
export function pages(box, { load, row, told, signal }) {
  let shown = new Map(); // by id: {json, element}
  let run = new AbortController();
  let next = 0;
  let last = null; // who had the focus: a button that is disabled while it works loses it to nobody
  const end = h('div', { class: 'end' });
  const near = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && bring(next, next),
    { root: document.getElementById('main'), rootMargin: '100% 0px' });
  box.after(end);
  box.addEventListener('focusin', (event) => (last = event.target));
  signal.addEventListener('abort', () => {
    run.abort();
    near.disconnect();
  });

  async function bring(first, final) {
    const mine = run;
    near.unobserve(end);
    try {
      const answers = await Promise.all(Array.from({ length: final - first + 1 }, (_, i) => load({ page: first + i, size: SIZE }, mine.signal)));
      if (mine.signal.aborted) return;
      // What went or came meanwhile has moved the pages: what is there already is not shown twice.
      const now = new Map(first ? shown : []);
      answers.flatMap((answer) => answer.items).filter((item) => !now.has(item.id)).forEach((item) => now.set(item.id, entry(item)));
      if (first) {
        box.append(...[...now.values()].slice(shown.size).map(({ element }) => element));
      } else {
        const refocus = focused();
        for (const [id, { element }] of shown) if (now.get(id)?.element !== element) element.remove();
        [...now.values()].forEach(({ element }, i) => box.children[i] === element || box.insertBefore(element, box.children[i] ?? null));
        refocus(now);
      }
      shown = now;
      next = final + 1;
      told(answers.at(-1).total);
      if (answers.at(-1).items.length === SIZE) near.observe(end); // which looks at once whether the end is near still
    } catch (problem) {
      if (mine.signal.aborted) return;
      if (problem.status !== 0) failed(problem);
      setTimeout(() => mine.signal.aborted || near.observe(end), AGAIN_MS); // which asks again
    }
  }

  function entry(item) {
    const json = JSON.stringify(item);
    const known = shown.get(item.id);
    return known?.json === json ? known : { json, element: row(item) };
  }

  /** Remembers the row that has the focus; answers how it gets it back, or, if it goes, the row in its place. */
  function focused() {
    const element = document.activeElement === document.body ? last : document.activeElement;
    const at = [...box.children].findIndex((each) => each.contains(element));
    if (at < 0) return () => {};
    const id = [...shown].find(([, each]) => each.element === box.children[at])?.[0];
    return (rows) => {
      const now = rows.get(id)?.element ?? box.children[Math.min(at, box.children.length - 1)];
      const same = element.isConnected && !element.disabled ? element : now?.querySelector(`[data-does="${element.dataset.does}"], a, button`);
      same?.focus({ preventScroll: true });
    };
  }

  const again = (final = next - 1) => {
    run.abort();
    run = new AbortController();
    return bring(0, Math.max(0, final));
  };
  near.observe(end);
  return { again: () => again(), afresh: () => again(0) };
}
