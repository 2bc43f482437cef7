// What is said in passing.
import { h } from './dom.js';

export function toast(text, tone) {
  const box = h('div', { class: `toast ${tone}`, 'data-testid': 'toast' }, text);
  document.getElementById('toasts').append(box);
  setTimeout(() => box.remove(), 7000);
}
