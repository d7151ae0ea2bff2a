import type { Words } from '../shared/words';

/** Date and time of the clock on the wall here: 2026-05-04 13:02:01. */
export function clock(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${day} ${time}`;
}

/** Seconds as somebody says them: 42 s, 17 min, 3 h 20 min, 12 days. */
export function longTime(seconds: number, words: Words): string {
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  const days = Math.round(hours / 24);
  return words('text.days', `${days} days`, { days });
}
