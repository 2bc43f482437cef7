// Time travel: what the sandbox's clock shows, and what comes next.
import { button, h, keyed, part, say } from './dom.js';
import { moment, timeOfDay, until } from './when.js';

const kinds = {
  reminder: 'Reminder', deadline: 'Approval deadline', 'heads-up': 'Heads-up', upgrade: 'Upgrade starts', end: 'Upgrade ends',
  missed: 'Counts as missed', stuck: 'Counts as stuck', inquiry: 'The bot looks what became of its call',
};

// wide is where a thread has room beside the panel.
const wide = matchMedia('(min-width: 1200px)');

const empty = (state) => (state.next ? 'Nothing lies ahead. Ask for an upgrade first.' : 'Redis is away: nobody knows what comes.');

export function clock(act, page) {
  let next = [];
  const now = h('p', { class: 'now', 'data-testid': 'now' });
  const what = h('p', { class: 'what', 'data-testid': 'next' });
  const later = h('ol', { class: 'later', 'aria-label': 'What comes after that' });

  // travel does an act of the clock, and then shows the thread it was about.
  async function travel(body, to) {
    if (!await act(body) || !to?.card || !wide.matches) return;
    const held = document.activeElement;
    page.openThread(to.channel, to.card);
    setTimeout(() => held.focus()); // who goes on with the keyboard stays here
  }
  const go = button('Go there', { class: 'primary', 'data-do': 'next' }, () => travel({ do: 'next' }, next[0]));
  const skips = [['10 min', '10m'], ['1 h', '1h'], ['1 day', '24h']].map(([label, value]) =>
    button(`+ ${label}`, { 'data-do': `skip ${value}`, 'aria-label': `Go ${label} ahead` }, () => travel({ do: 'skip', value })));

  function draw(state) {
    next = state.next ?? [];
    say(now, `${moment(state.now)}:${timeOfDay(state.now).slice(-2)} UTC`);
    const first = next[0];
    say(what, first ? `${kinds[first.kind]}, ${until(state.now, first.at)}: ${first.about}` : empty(state));
    go.hidden = !first;
    later.hidden = next.length < 2;
    keyed(later, next.slice(1), (m) => `${m.at} ${m.kind} ${m.about}`,
      (m) => h('li', {}, button('', { 'data-do': 'to' }, () => travel({ do: 'to', value: m.at }, m))),
      (element, m) => say(element.firstChild, `${moment(m.at)} · ${kinds[m.kind]}: ${m.about}`));
  }
  return { element: part('clock', 'Clock', now, what, h('div', { class: 'row' }, go, skips), later), draw };
}
