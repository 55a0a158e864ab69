// A face that was missed: a box that is drawn on the picture, by mouse, pen, finger or keys.
import { h } from './dom.js';
import { get, post } from './api.js';
import { did, failed, say } from './say.js';

const SMALLEST = 10; // pixels of the photo, as POST /api/photos/{id}/faces takes them
const STEP = 0.02; // of the picture's shorter side, by a key
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Lets a box be drawn on a photo's picture, and keeps the face in it.
 * @param {HTMLElement} frame that lies exactly above the picture
 * @param {{id: number, width: number, height: number}} photo
 * @param {() => Promise<unknown>} changed called when there is a new face
 */
export function drawing(frame, photo, changed) {
  if (frame.querySelector('.drawn')) return;
  const side = Math.round(Math.min(photo.width, photo.height) / 5);
  let box = within({ left: (photo.width - side) / 2, top: (photo.height - side) / 2, width: side, height: side });
  let from = null; // where a pointer went down
  const drawn = h('div', { class: 'drawn', tabindex: '0', role: 'group', data: { focus: 'drawn' },
    'aria-label': 'The new face: arrow keys move its box, with Shift they resize it, Enter keeps it, Escape leaves it' });
  const pane = h('div', { class: 'pane' }, drawn);

  function within({ left, top, width, height }) {
    const wide = Math.min(photo.width, Math.max(SMALLEST, Math.round(width)));
    const high = Math.min(photo.height, Math.max(SMALLEST, Math.round(height)));
    return { left: Math.max(0, Math.min(photo.width - wide, Math.round(left))), top: Math.max(0, Math.min(photo.height - high, Math.round(top))), width: wide, height: high };
  }

  function place(next) {
    box = within(next);
    drawn.style.setProperty('left', `${(100 * box.left) / photo.width}%`);
    drawn.style.setProperty('top', `${(100 * box.top) / photo.height}%`);
    drawn.style.setProperty('width', `${(100 * box.width) / photo.width}%`);
    drawn.style.setProperty('height', `${(100 * box.height) / photo.height}%`);
  }

  async function keep() {
    try {
      const face = await post(`/api/photos/${photo.id}/faces`, box);
      pane.remove();
      const { items } = await get('/api/decisions', { size: 20 });
      const decision = items.find((each) => each.action === 'draw' && each.changes.some((change) => change.face === face.id));
      if (decision) did(decision.sentence, () => post(`/api/decisions/${decision.id}/undo`));
      window.dispatchEvent(new Event('decided'));
      await changed();
    } catch (problem) {
      failed(problem);
    }
  }

  const at = (event) => {
    const { left, top, width, height } = pane.getBoundingClientRect();
    return { x: ((event.clientX - left) / width) * photo.width, y: ((event.clientY - top) / height) * photo.height };
  };
  const spanned = (event) => {
    const to = at(event);
    return { left: Math.min(from.x, to.x), top: Math.min(from.y, to.y), width: Math.abs(to.x - from.x), height: Math.abs(to.y - from.y) };
  };
  pane.addEventListener('pointerdown', (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    from = at(event);
    pane.setPointerCapture(event.pointerId);
    drawn.focus({ preventScroll: true });
  });
  pane.addEventListener('pointermove', (event) => from && place(spanned(event)));
  pane.addEventListener('pointercancel', () => { from = null; });
  pane.addEventListener('pointerup', (event) => {
    if (!from) return;
    const last = spanned(event);
    from = null;
    if (last.width < SMALLEST || last.height < SMALLEST) return; // a click
    place(last);
    keep();
  });
  drawn.addEventListener('keydown', (event) => {
    const move = MOVES[event.key];
    const by = STEP * Math.min(photo.width, photo.height);
    if (move) {
      const [right, down] = move;
      place(event.shiftKey ? { ...box, width: box.width + right * by, height: box.height + down * by } : { ...box, left: box.left + right * by, top: box.top + down * by });
    } else if (event.key === 'Enter') {
      if (!event.repeat) keep();
    } else if (event.key === 'Escape') {
      pane.remove();
    } else {
      return;
    }
    event.preventDefault(); // and no other view takes it
  });
  place(box);
  frame.append(pane);
  drawn.focus({ preventScroll: true });
  say('Draw a box around the face, from the eyebrows to the chin, or move this one by the arrow keys and press Enter. Escape leaves it.');
}
