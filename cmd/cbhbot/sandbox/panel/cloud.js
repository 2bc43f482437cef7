// The cloud: its bastions, what is to become of them, how it answers, and what the bot has called.
import { button, choice, h, keyed, part, say } from './dom.js';
import { calls } from './calls.js';
import { moment } from './when.js';

const fates = [['', 'succeeds'], ['unchanged', 'fails'], ['error', 'ends in an error'], ['stuck', 'gets stuck'],
  ['never starts', 'never starts'], ['changes ids', 'changes its ids']];
const acts = [['schedule', 'Schedule'], ['later', '1 h later'], ['earlier', '1 h earlier'], ['cancel', 'Cancel it']];
const answers = ['401', '403 latest', '403 agent', '404', '429', '500', 'reset after it took effect', 'reset before it took effect',
  '500 although it took effect', '200 with a page of some proxy'];
const operations = [['upgrade', 'the next upgrade call'], ['cancel', 'the next cancel'], ['list', 'the next look'], ['', 'the next call']];

export function cloud(act) {
  const bastions = h('ul', { class: 'bastions' });
  const log = calls();
  const bad = answering(act);

  function draw(state) {
    keyed(bastions, state.cloud, (b) => `${b.name} ${b.role}`, (b) => bastion(act, b), show);
    bad.draw(state);
    log.draw(state);
  }
  return { element: part('cloud', 'Cloud', bastions, adding(act), bad.element, log.element), draw };
}

function bastion(act, { name, role }) {
  let before; // whoever goes through the menu with the keys chooses faster than the sandbox answers: the last choice has to come last
  const choose = ({ target: { value } }) => { before = Promise.resolve(before).then(() => act({ do: 'fate', name, value })); };
  const fate = choice({ 'aria-label': `The next upgrade of ${name}`, 'data-testid': 'fate', onchange: choose }, fates);
  return h('li', {}, h('details', { 'data-bastion': name },
    h('summary', {}, h('strong', {}, role ? `${name} (${role})` : name), h('span', { class: 'facts' }), h('span', { class: 'facts due' })),
    h('label', { class: 'fate' }, 'Its next upgrade ', fate),
    h('div', { class: 'row', role: 'group', 'aria-label': `In the cloud's console: ${name}` }, h('span', { class: 'quiet' }, 'In the console'),
      acts.map(([value, label]) => button(label, { 'data-do': `console ${value}` }, () => act({ do: 'console', name, value }))))));
}

function show(element, b) {
  const [facts, due] = element.querySelectorAll('.facts');
  say(facts, `${b.version} · offer ${b.offer} · ${b.state}`);
  say(due, b.at ? `upgrade ${moment(b.at)} UTC` : '');
  const fate = element.querySelector('select');
  const now = b.offer.endsWith('cross-version') && b.fate === '' ? 'changes ids' : b.fate;
  if (document.activeElement !== fate && fate.value !== now) fate.value = now;
}

function adding(act) {
  const name = h('input', { 'aria-label': 'Name of a new bastion', placeholder: 'bastion-new', maxlength: 64, 'data-testid': 'new-bastion' });
  const add = async () => {
    const typed = name.value;
    const added = await act({ do: 'bastion', name: typed || name.placeholder });
    if (added && name.value === typed) name.value = ''; // else somebody types the next one already
  };
  name.addEventListener('keydown', (event) => { if (event.key === 'Enter' && !event.isComposing) add(); });
  return h('div', { class: 'row' }, name, button('New bastion', { 'data-do': 'bastion' }, add));
}

// answering makes the cloud answer badly, and lists what it is yet to answer.
function answering(act) {
  const answer = choice({ 'aria-label': 'Answer', 'data-testid': 'answer' }, answers.map((a) => [a, a]));
  const call = choice({ 'aria-label': 'To which call', 'data-testid': 'operation' }, operations);
  const on = h('input', { type: 'checkbox' });
  const armed = h('ul', { class: 'armed' });
  const calm = button('Answer well again', { 'data-do': 'calm' }, () => act({ do: 'calm' }));
  const set = button('Set', { 'data-do': 'answer' }, () => act({ do: 'answer', name: call.value, value: answer.value, on: on.checked }));
  const element = h('fieldset', {}, h('legend', {}, 'Answer'), h('div', { class: 'row' }, answer, h('span', {}, 'to'), call, h('label', {}, on, ' always'), set), armed, calm);

  function draw(state) {
    calm.hidden = state.faults.length === 0;
    keyed(armed, state.faults, (f, i) => `${i} ${JSON.stringify(f)}`, (f) => h('li', {}, describe(f)), () => {});
  }
  return { element, draw };
}

function describe(f) {
  const times = f.times < 0 ? 'always' : 'once';
  return `${f.op || 'any call'}, ${times}: ${f.kind || `no answer for ${f.delay}`} ${f.status || ''}`.trim();
}
