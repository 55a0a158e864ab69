// What happens to the photos, as it happens: one line to /api/events for the whole page, held only while the page is to be seen, since
// a browser grants a site six connections.

const line = new EventTarget();
const AGAIN_MS = 3000;
let source = null;
let last = 0;
let again = 0;

/**
 * Listens.
 * @param {AbortSignal} signal ends it
 * @param {{step?: (step: object) => void, missed?: () => void, connected?: (there: boolean) => void}} ears `step` is a Step of the API; `missed`: load afresh
 */
export function listen(signal, ears) {
  for (const [name, ear] of Object.entries(ears)) {
    line.addEventListener(name, (event) => ear(event.detail), { signal });
  }
}

const tell = (name, detail) => line.dispatchEvent(new CustomEvent(name, { detail }));

function open() {
  clearTimeout(again);
  if (source || document.hidden) return;
  source = new EventSource('/api/events');
  source.addEventListener('open', () => {
    tell('connected', true);
    // A new line begins with what comes next: whatever happened meanwhile is loaded.
    if (last) tell('missed');
  });
  source.addEventListener('step', (event) => {
    last = Date.now();
    tell('step', JSON.parse(event.data));
  });
  source.addEventListener('missed', () => tell('missed'));
  source.addEventListener('error', () => {
    tell('connected', false);
    last ||= 1;
    close();
    again = setTimeout(open, AGAIN_MS);
  });
}

function close() {
  clearTimeout(again);
  source?.close();
  source = null;
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    last ||= 1;
    close();
  } else {
    open();
  }
});
open();
