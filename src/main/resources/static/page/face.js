// One face: its crop, who it is or is thought to be, and what may be decided about it.
import { h } from './dom.js';
import { post } from './api.js';
import { decided, doing, failed } from './say.js';
import { complete, people } from './complete.js';

/** What a face is called: 'Ada', 'Ada?' while only suggested, 'unknown', '?'. */
export function faceName(face) {
  if (face.status === 'ok') return face.name ?? 'confirmed';
  if (face.status === 'unknown') return 'unknown';
  if (face.status === 'not_face') return 'not a face';
  return face.suggested_name ? `${face.suggested_name}?` : '?';
}

/** A face's picture, or its absence. */
export function crop(face, words = '') {
  const image = h('img', { class: 'crop', src: `/api/faces/${face.id}/crop`, alt: words, loading: 'lazy', decoding: 'async', width: 256, height: 256 });
  image.addEventListener('error', () => image.replaceWith(h('span', { class: 'crop no-crop' }, 'no picture')));
  return image;
}

/**
 * Decides about faces as one decision, says what came of it and how to undo it.
 * @param {number[]} faces ids
 * @param {{action: 'confirm'|'unknown'|'not_face'|'detach', name?: string, person?: number}} wish
 */
export async function decide(faces, wish) {
  const answer = await post('/api/decisions', { faces, ...wish });
  decided(answer, answer.suggested ? `${answer.suggested} more have a suggestion now.` : '');
  window.dispatchEvent(new Event('decided'));
  return answer;
}

/** Whom a picked completion names: a person there is, or a new one of that name. */
export const named = (option, words) => (option ? { person: option.value } : { name: words.trim() });

/** A face with its buttons, as one photo shows it; `changed` is called after a decision. */
export function faceEditor(face, changed) {
  const act = (wish) => decide([face.id], wish).then(changed);
  const input = h('input', { type: 'text', 'aria-label': `Name of this face, now: ${faceName(face)}`, placeholder: faceName(face) === '?' ? 'Who is this?' : faceName(face), maxlength: 255, data: { focus: `face-${face.id}` } });
  const completion = complete(input, { options: people, pick: (option, words) => {
    if (option || words.trim()) act({ action: 'confirm', ...named(option, words) }).catch(failed);
    completion.clear();
  } });
  const button = (words, wish) => h('button', { type: 'button', data: { focus: `face-${face.id}-${wish.action}` }, on: { click: doing(() => act(wish)) } }, words);
  return h('div', { class: `face ${face.status}`, data: { face: face.id } }, crop(face, `Face: ${faceName(face)}`),
    h('div', {}, h('p', {}, face.status === 'ok' && face.name ? h('a', { href: `#/photos?person=${face.id}` }, h('bdi', {}, face.name)) : h('bdi', {}, faceName(face)),
      face.status === 'process' && face.suggested_name && face.distance !== null && h('span', { class: 'quiet-text' }, ` distance ${face.distance.toFixed(2)}`)), input,
    h('div', { class: 'face-buttons' },
      face.status === 'process' && face.suggested_name && button('Yes', { action: 'confirm', person: face.parent_id }),
      face.status !== 'unknown' && button('Unknown', { action: 'unknown' }),
      face.status !== 'not_face' && button('No face', { action: 'not_face' }),
      face.status !== 'process' && button('Back for review', { action: 'detach' }))));
}
