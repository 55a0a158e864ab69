// What the page says: short sentences in a corner, which screen readers read out; and the stack of what can be undone.
import { h } from './dom.js';
import { post } from './api.js';

const LONG_MS = 8000;
const corner = document.getElementById('said');
const undoable = [];

// While a dialog is open nothing outside of it can be pressed: the corner goes with it.
const home = () => [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body;
document.addEventListener('close', () => home().append(corner), { capture: true });

/**
 * Says a sentence.
 * @param {string} sentence
 * @param {{bad?: boolean, action?: string, act?: () => void}} more a failure stays until it is closed; `action` is the word on a button
 */
export function say(sentence, { bad = false, action, act } = {}) {
  const close = () => note.remove();
  const note = h('div', { class: bad ? 'note bad' : 'note', role: bad ? 'alert' : null }, h('p', {}, sentence),
    action && h('button', { type: 'button', on: { click: () => { close(); act(); } } }, action),
    h('button', { type: 'button', class: 'quiet', 'aria-label': 'Close', on: { click: close } }, '×'));
  if (corner.parentNode !== home()) home().append(corner);
  corner.append(note);
  while (corner.children.length > 4) corner.firstChild.remove();
  if (!bad) setTimeout(close, LONG_MS);
  return close;
}

/** Says why something failed; what was broken off on purpose is no failure. */
export function failed(problem) {
  if (problem?.name === 'AbortError') return;
  say(problem?.message ?? String(problem), { bad: true });
  if (problem?.status === undefined) console.error(problem);
}

/** Does what a button asks for, once at a time, and says why it failed. */
export const doing = (work) => async (event) => {
  const button = event?.currentTarget;
  if (button?.disabled) return;
  if (button) button.disabled = true;
  try {
    await work(event);
  } catch (problem) {
    failed(problem);
  } finally {
    if (button) button.disabled = false;
  }
};

/**
 * Says what was done and remembers how it is undone, by the button beside it or by Ctrl-Z.
 * @param {string} sentence what was done
 * @param {() => Promise<unknown>} back
 * @param {string} more said behind it
 */
export function did(sentence, back, more = '') {
  const entry = { sentence, back };
  undoable.push(entry);
  entry.close = say(more ? `${sentence} ${more}` : sentence, { action: 'Undo', act: () => undo(entry) });
}

/** A decision about faces, as POST /api/decisions answered it. */
export function decided(answer, more = '') {
  if (!answer.decision) return say('All was so already.');
  return did(answer.decision.sentence, () => post(`/api/decisions/${answer.decision.id}/undo`), more);
}

/** Takes back the last thing that was done on this page, or the one given. */
export async function undo(entry = undoable.at(-1)) {
  if (!entry) return say('Nothing was done on this page yet. Earlier decisions about faces are under People, History.');
  const at = undoable.indexOf(entry);
  if (at < 0) return undefined;
  undoable.splice(at, 1);
  entry.close?.();
  try {
    await entry.back();
    say(`Undone: ${entry.sentence}`);
    window.dispatchEvent(new Event('undone'));
  } catch (problem) {
    // What cannot be undone any more must not stand before what can.
    if (!(problem.status >= 400 && problem.status < 500)) undoable.splice(at, 0, entry);
    failed(problem);
  }
  return undefined;
}
