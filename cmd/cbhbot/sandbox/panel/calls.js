// The calls that the bot has made to the cloud; each opens to its body and its answer.
import { h, keyed, say } from './dom.js';
import { loadCall } from './transport.js';
import { timeOfDay } from './when.js';

export function calls() {
  const list = h('ul', { class: 'calls', 'aria-label': 'Calls of the bot, the latest first' });
  const none = h('p', { class: 'quiet' }, 'The bot has called nothing yet.');

  function draw(state) {
    none.hidden = state.calls.length > 0;
    keyed(list, state.calls, (c) => c.id, call, show);
  }
  return { element: h('fieldset', {}, h('legend', {}, 'Calls'), none, list), draw };
}

function call({ id }) {
  const body = h('pre', { tabindex: 0, 'aria-label': 'What was sent' });
  const answer = h('pre', { tabindex: 0, 'aria-label': 'The answer' });
  const line = h('details', { 'data-testid': 'call', ontoggle: async () => {
    if (!line.open) return;
    const c = await loadCall(id);
    say(body, c.error ?? `${c.method} ${c.path}${query(c.query)}\n${pretty(c.body)}`);
    say(answer, c.error ? '' : `${c.status}${c.fault ? ` (${c.fault})` : ''}\n${pretty(c.answer)}`);
  } }, h('summary', {}), body, answer);
  return h('li', {}, line);
}

function show(element, c) {
  const times = c.times > 1 ? ` × ${c.times}` : '';
  const summary = element.querySelector('summary');
  say(summary, `${timeOfDay(c.at)} ${c.method} ${c.op}${times} → ${c.fault || c.status}`);
  summary.classList.toggle('bad', c.fault !== '' || c.status >= 400);
}

const query = (values) => (values && Object.keys(values).length ? `?${new URLSearchParams(Object.entries(values).map(([k, v]) => [k, v[0]]))}` : '');

// pretty writes JSON on several lines, and anything else as it is.
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text || 'no body';
  }
}
