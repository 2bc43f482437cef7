// The left column: channels, conversations with the app, who one is, and the panel of whoever embeds the workspace.
import { h, icon, keep, post, toast } from './dom.js';
import { act, directWith, go, state, ui, unread } from './app.js';
import { titleOf } from './names.js';
import { timeOf, zoneName } from './zone.js';

const key = (...parts) => JSON.stringify(parts);

export function drawSidebar(root) {
  keep(root, [
    { key: key('team', state.connected, state.app_name), make: team },
    { key: key('who', ui.me, state.users, minute()), make: who },
    { key: key('channels', ui.me, ui.channel, state.channels, state.channels.map((c) => unread(c.id))), make: channels },
    { key: key('cloud', state.note, state.tools), make: cloud },
  ]);
}

const minute = () => state.now.slice(0, 16);

function team() {
  const up = state.connected > 0;
  return h('header', { class: 'team' }, h('h1', {}, 'Example Cloud Team'),
    h('p', { class: `connection ${up ? 'up' : 'down'}` }, h('span', { class: 'dot', 'aria-hidden': 'true' }),
      up ? `${state.app_name} is connected (${state.connected} ${state.connected === 1 ? 'socket' : 'sockets'})` : `${state.app_name} is not connected`));
}

const people = () => state.users.filter((u) => !u.is_bot);

function who() {
  const me = state.users.find((u) => u.id === ui.me);
  const now = new Date(state.now);
  const choose = (event) => go({ me: event.target.value, thread: null, tab: 'messages' });
  return h('section', { class: 'who' }, h('h2', {}, 'You are'),
    h('div', { class: 'who-card' }, avatar(me),
      h('div', { class: 'who-text' }, h('strong', {}, me.real_name), h('span', {}, me.note ?? ''),
        h('span', { class: 'who-time', title: zoneName(now, me.tz) }, `${timeOf(now, me.tz)} · ${me.tz}`)),
      h('span', { class: 'chevron', 'aria-hidden': 'true' }, '⌄'),
      h('select', { 'data-testid': 'who', 'aria-label': 'Who you are', value: me.id, onchange: choose },
        people().map((u) => h('option', { value: u.id, selected: u.id === me.id }, `${u.real_name} – ${u.note ?? ''} (${u.tz})`)))),
    language(me));
}

const languages = { 'en-US': 'English', 'zh-CN': '简体中文', 'de-DE': 'Deutsch' };

// language is the one that Slack shows itself in to the person.
function language(me) {
  const current = me.locale || 'en-US';
  const known = { [current]: current, ...languages };
  return h('label', { class: 'who-language' }, 'Slack in', h('select', {
    'data-testid': 'locale', value: current, onchange: (event) => act('locale', { locale: event.target.value }),
  }, Object.entries(known).map(([value, name]) => h('option', { value, selected: value === current }, name))));
}

export function avatar(user) {
  const initials = user.real_name.split(/\s+/).map((w) => w[0]).slice(0, 2).join('').toUpperCase();
  const tint = [...user.id].reduce((sum, c) => sum + c.charCodeAt(0), 0) % 6;
  return h('span', { class: `avatar tint-${tint} ${user.is_bot ? 'bot' : ''}`, 'aria-hidden': 'true' }, user.is_bot ? '✓' : initials);
}

function channels() {
  const direct = directWith(ui.me);
  const talks = state.channels.filter((c) => c.pair || c.group);
  return h('section', { class: 'channels' }, h('h2', {}, 'Channels'),
    h('ul', {}, state.channels.filter((c) => ['public', 'private'].includes(c.kind)).map((c) => entry(c, c.private ? icon('lock') : '#', c.name))),
    talks.length > 0 && [h('h2', {}, 'Direct messages'), h('ul', {}, talks.map((c) => entry(c, '@', titleOf(c, { me: ui.me, users: state.users }))))],
    direct && [h('h2', {}, 'Apps'), h('ul', {}, entry(direct, '✓', state.app_name))]);
}

function entry(c, sign, name) {
  const here = c.id === ui.channel;
  const count = unread(c.id);
  const open = () => {
    go({ channel: c.id, thread: null, tab: 'messages' });
    if (c.im) act('home', { tab: 'messages' });
  };
  return h('li', {}, h('button', { type: 'button', class: `channel ${here ? 'here' : ''} ${count ? 'unread' : ''}`, 'data-channel': c.id, 'aria-current': here ? 'page' : null, onclick: open },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, sign), name, c.archived && h('small', {}, ' archived'),
    count > 0 && h('span', { class: 'badge', 'aria-label': `${count} unread` }, count)));
}

function cloud() {
  if (!state.tools.length && !state.note) return h('section', { hidden: true });
  return h('section', { class: 'cloud', 'data-testid': 'cloud' }, h('h2', {}, 'The cloud'),
    state.note && h('pre', { 'data-testid': 'note' }, state.note),
    state.tools.map((t) => h('button', { type: 'button', class: 'tool', 'data-tool': t.name, title: t.help, onclick: (event) => run(event.currentTarget, t) },
      h('span', {}, t.title), t.help && h('small', {}, t.help))));
}

async function run(button, tool) {
  button.disabled = true;
  const answer = await post('tool', { name: tool.name });
  button.disabled = false;
  if (answer?.text) toast(answer.text, 'good');
}
