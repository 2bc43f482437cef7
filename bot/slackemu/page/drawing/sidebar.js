// The left column: channels, conversations with the app, and who one is.
import { act, become, openChannel } from '../acts.js';
import { directWith, person, reader, ui, unread, workspace } from '../state/store.js';
import { h, icon, keep } from './dom.js';
import { avatar, titleOf } from './names.js';
import { timeOf, zoneName } from './zone.js';

const key = (...parts) => JSON.stringify(parts);

export function drawSidebar(root) {
  keep(root, [
    { key: key('team', workspace.connected, workspace.app_name, ui.reachable), make: team },
    { key: key('who', people(), ui.me, person(ui.me), workspace.now.slice(0, 16)), make: who },
    { key: 'channels', make: () => h('section', { class: 'channels', 'aria-label': 'Conversations' }) },
  ]);  drawChannels(root.querySelector('.channels'));
}

function connection() {
  const { connected, app_name: app } = workspace;
  if (!ui.reachable) return ['down', 'The workspace cannot be reached. Is the program still running?'];
  if (!connected) return ['down', `${app} is not connected`];
  return ['up', `${app} is connected (${connected} ${connected === 1 ? 'socket' : 'sockets'})`];
}

function team() {
  const [tone, words] = connection();
  return h('header', { class: 'team' }, h('p', { class: 'team-name' }, h('strong', {}, 'Example Cloud Team')),
    h('p', { class: `connection ${tone}`, role: 'status' }, h('span', { class: 'dot', 'aria-hidden': 'true' }), words));
}

const people = () => workspace.users.filter((u) => !u.is_bot);

function who() {
  const me = person(ui.me);
  const { now } = reader();
  return h('section', { class: 'who', 'aria-label': 'Who you are' }, h('h2', {}, 'You are'),
    h('div', { class: 'who-card' }, avatar(me),
      h('div', { class: 'who-text' }, h('strong', {}, me.real_name), h('span', {}, me.note ?? ''),
        h('span', { class: 'who-time', title: zoneName(now, me.tz) }, `${timeOf(now, reader())} · ${me.tz}`)),
      icon('down'),
      h('select', { 'data-testid': 'who', 'aria-label': 'Who you are', value: me.id, onchange: (event) => become(event.target.value) },
        people().map((u) => h('option', { value: u.id }, `${u.real_name} – ${u.note ?? ''} (${u.tz})`)))),
    h('p', { class: 'who-more' }, language(me),
      h('a', { href: `?as=${me.id}#/${ui.channel}`, target: '_blank', rel: 'noopener', 'aria-label': 'New window', title: 'A window of its own, for a second person' }, icon('window'))));
}

const languages = { 'en-US': 'English', 'zh-CN': '简体中文', 'de-DE': 'Deutsch' };

// language is the one that Slack shows itself in to the person.
function language(me) {
  const current = me.locale || 'en-US';
  const known = { [current]: current, ...languages };
  return h('label', {}, 'Slack in ', h('select', {
    'data-testid': 'locale', value: current, onchange: (event) => act('locale', { locale: event.target.value }),
  }, Object.entries(known).map(([value, name]) => h('option', { value }, name))));
}

// drawChannels draws anew only the entries that changed, so that nothing moves away below somebody's finger.
function drawChannels(root) {
  const of = (...kinds) => workspace.channels.filter((c) => kinds.some((kind) => c[kind] || c.kind === kind));
  const direct = directWith(ui.me);
  const groups = [
    ['Channels', of('public', 'private').map((c) => [c, c.private ? 'lock' : 'hash', c.name])],
    ['Direct messages', of('pair', 'group').map((c) => [c, 'person', titleOf(c, ui.me)])],
    ['Apps', direct ? [[direct, 'app', workspace.app_name]] : []],
  ].filter(([, entries]) => entries.length);
  keep(root, groups.map(([name]) => ({ key: name, make: () => h('div', {}, h('h2', {}, name), h('ul')) })));
  groups.forEach(([, entries], i) => keep(root.children[i].querySelector('ul'), entries.map(([c, sign, name]) => ({
    key: key(c.id, sign, name, c.archived, c.id === ui.channel, unread(c.id)), make: () => entry(c, sign, name),
  }))));
}

function entry(c, sign, name) {
  const here = c.id === ui.channel;
  const count = unread(c.id);
  return h('li', {}, h('button', {
    type: 'button', class: `channel ${here ? 'here' : ''} ${count ? 'unread' : ''}`, 'data-channel': c.id, 'aria-current': here ? 'page' : null, onclick: () => openChannel(c.id),
  },
  h('span', { class: 'sign' }, icon(sign)), h('span', { class: 'name' }, name), c.archived && h('small', {}, 'archived'),
  count > 0 && h('span', { class: 'badge' }, count, h('span', { class: 'spoken' }, ' unread'))));
}
