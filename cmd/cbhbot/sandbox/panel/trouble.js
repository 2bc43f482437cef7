// The trouble that bots get into: with Slack, with the cloud, with Redis, and by being killed.
import { button, choice, h, part, press, say, toggle } from './dom.js';

const reasons = [['warning', 'warning, 10 s ahead'], ['refresh_requested', 'refresh_requested'], ['link_disabled', 'link_disabled'],
  ['too_many_websockets', 'too_many_websockets'], ['killed', 'cut without a word'], ['frozen', 'silent, but open']];
const slack = [['drop acks', 'Lose acks'], ['deliver twice', 'Deliver twice'], ['lose deliveries', 'Lose deliveries'], ['429', '429: too many'], ['slow', '2 s slower']];

export function trouble(act) {
  const parts = [bot(act), slackAway(act), rest(act)];
  return { element: part('trouble', 'Trouble', parts.map((p) => p.element)), draw: (state) => parts.forEach((p) => p.draw(state)) };
}

function bot(act) {
  const how = h('p', { 'data-testid': 'bot' });
  const kill = button('Kill it', { class: 'danger', 'data-do': 'bot kill' }, () => act({ do: 'bot', value: 'kill' }));
  const start = button('Start it', { class: 'primary', 'data-do': 'bot start' }, () => act({ do: 'bot', value: 'start' }));
  const worst = toggle('Kill it at the worst moment', { 'data-do': 'bot ambush', title: 'when the cloud has carried out the next upgrade call, before the bot reads the answer' },
    (on) => act({ do: 'bot', value: 'ambush', on }));

  function draw(state) {
    const b = state.bot;
    say(how, b.runs ? `The bot runs as process ${b.pid}; killed ${b.kills} ${b.kills === 1 ? 'time' : 'times'}.` : `The bot does not run: ${b.ended}.`);
    how.classList.toggle('bad', !b.runs);
    kill.hidden = !b.runs;
    start.hidden = b.runs;
    press(worst, state.ambush);
  }
  return { element: h('fieldset', {}, h('legend', {}, 'Bot'), how, h('div', { class: 'row' }, kill, start, worst)), draw };
}

function slackAway(act) {
  const reason = choice({ 'aria-label': 'Why the sockets close', 'data-testid': 'reason' }, reasons);
  const close = button('Close all', { 'data-do': 'sockets' }, () => act({ do: 'sockets', value: reason.value }));
  const held = h('span', { class: 'quiet' });
  const toggles = slack.map(([name, label]) => toggle(label, { 'data-do': `slack ${name}` }, (on) => act({ do: 'slack', name, on })));

  function draw(state) {
    say(held, `${state.sockets} open`);
    slack.forEach(([name], i) => press(toggles[i], state.slack[name]));
  }
  return { element: h('fieldset', {}, h('legend', {}, 'Slack'), h('div', { class: 'row' }, toggles), h('div', { class: 'row' }, h('span', {}, 'Sockets'), reason, close, held)), draw };
}

function rest(act) {
  const hang = toggle('The cloud hangs', { 'data-do': 'hang' }, (on) => act({ do: 'hang', on }));
  const redis = toggle('Redis is stopped', { 'data-do': 'redis' }, (off) => act({ do: 'redis', on: !off }));
  const foreign = h('p', { class: 'quiet' }, 'Redis is the one that REDIS_URL names: stop and start it yourself.');

  function draw(state) {
    press(hang, state.hangs);
    press(redis, !state.redis.up);
    redis.hidden = !state.redis.embedded;
    foreign.hidden = state.redis.embedded;
  }
  return { element: h('fieldset', {}, h('legend', {}, 'Cloud and Redis'), h('div', { class: 'row' }, hang, redis), foreign), draw };
}
