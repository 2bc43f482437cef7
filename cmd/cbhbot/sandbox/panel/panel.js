// The panel beside the page: the sandbox's clock, its cloud, its trouble, and the count of what became of everything.
import { h, say } from './dom.js';
import { perform } from './transport.js';
import { begin, refresh } from './state.js';
import { clock } from './clock.js';
import { count } from './count.js';
import { cloud } from './cloud.js';
import { tour } from './tour.js';
import { trouble } from './trouble.js';

// mount draws the panel into an element. page is what the page offers (see the page's panel.js).
export function mount(element, page) {
  const told = h('p', { class: 'told', role: 'status', 'data-testid': 'told' });
  const act = async (body) => {
    say(told, ['next', 'skip', 'to', 'scene'].includes(body.do) ? 'The bot does what is due …' : '');
    const { text, error } = await perform(body);
    say(told, sentence(error || text || 'Done'));
    told.classList.toggle('bad', Boolean(error));
    await refresh();
    return !error;
  };
  const parts = [tour(act, page), clock(act, page), count(), cloud(act), trouble(act)];
  element.append(h('h2', { class: 'panel-title' }, 'Sandbox'), told);
  begin((state) => {
    parts.forEach((part) => part.draw(state));
    if (!parts[0].element.isConnected) element.append(...parts.map((part) => part.element)); // nothing is said before it is known
  });
  page.onChange(refresh);
}

const sentence = (text) => text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');
