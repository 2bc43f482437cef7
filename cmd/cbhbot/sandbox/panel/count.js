// What was acknowledged, and what became of it.
import { h, keyed, part, say } from './dom.js';

const figures = [
  ['acked', 'acked'], ['handled', 'handled'], ['waiting', 'waiting'], ['aside', 'put aside'], ['lost', 'lost'], ['twice', 'twice'],
];

export function count() {
  const values = figures.map(([name]) => h('dd', { 'data-testid': `count-${name}` }));
  const list = h('dl', { class: 'figures' }, figures.map(([, label], i) => h('div', {}, h('dt', {}, label), values[i])));
  const which = h('ul', { class: 'which' });
  const away = h('p', { class: 'quiet' }, 'Redis is away: nobody can count.');

  function draw({ count: c }) {
    away.hidden = c !== null;
    list.hidden = c === null;
    if (c === null) return;
    figures.forEach(([name], i) => say(values[i], String(c[name])));
    list.classList.toggle('broken', c.lost + c.twice > 0);
    keyed(which, c.which, (line, i) => `${i} ${line}`, (line) => h('li', {}, line), () => {});
  }
  return { element: part('count', 'Acknowledged', list, away, which), draw };
}
