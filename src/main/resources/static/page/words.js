// Numbers, times and names as people read them, in the browser's language.
import { h } from './dom.js';

const number = new Intl.NumberFormat();
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeZone: 'UTC' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
const monthOfYear = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' });
const here = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export const count = (n) => number.format(n);

/** '3 photos', '1 photo', 'no photos'. */
export const many = (n, one, more = one + 's') => (n === 0 ? `no ${more}` : `${count(n)} ${n === 1 ? one : more}`);

/** Bytes with a unit of a thousand. */
export function bytes(n) {
  if (n < 1000) return `${n} B`;
  const power = Math.min(4, Math.floor(Math.log10(n) / 3));
  const value = n / 1000 ** power;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`;
}

/** A length of time, roughly; null: unknown. */
export function duration(seconds) {
  if (seconds === null || !Number.isFinite(seconds)) return 'unknown';
  if (seconds < 1) return 'no time';
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

// A photo's own time has its own zone: it is shown as the clock there showed it.
const local = (takenAt) => new Date(takenAt.slice(0, 19) + 'Z');

/** A year or a month of which no more is known; null: it is known to the day at least. */
const partly = (takenAt) => (takenAt.length < 10 ? month(takenAt) : null);

/** When a photo was taken, by the clock where it was taken. */
export const taken = (takenAt) => partly(takenAt) ?? (takenAt.length === 10 ? takenDay(takenAt) : moment.format(local(takenAt)) + (takenAt.length > 19 && /[+-]\d\d:\d\d$/.test(takenAt) ? ` (${takenAt.slice(-6)})` : ''));
export const takenDay = (takenAt) => partly(takenAt) ?? day.format(new Date(takenAt.slice(0, 10) + 'T00:00:00Z'));

const SOURCES = { exif: 'its EXIF', xmp: 'its XMP', iptc: 'its IPTC', png: 'its PNG text', gps: 'the satellites', sidecar: 'the XMP beside it', takeout: 'Google Takeout', name: 'its name', modified: 'when it was changed', file: 'when its file was written' };

/** What tells when a photo was taken. */
export const source = (takenFrom) => SOURCES[takenFrom] ?? takenFrom;

/** '2024-07' as 'July 2024', '2024' as it is, null as what it means. */
export const month = (yearMonth) => (yearMonth === null ? 'No date' : yearMonth.length === 4 ? yearMonth : monthOfYear.format(new Date(yearMonth + '-01T00:00:00Z')));

/** An instant of the server, by this browser's clock. */
export const when = (instant) => h('time', { datetime: instant }, here.format(new Date(instant)));

/** A share of a whole as whole per cent. */
export const share = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : '–');

/** A code of the API in words: 'geocoder-unreachable' as 'Geocoder unreachable'. */
export const inWords = (code) => (code ? code[0].toUpperCase() + code.slice(1).replaceAll('-', ' ') : 'Unknown');
