// The middle and right columns: a conversation with its head, messages and composer, the app's Home tab, and a thread.
import { act, go } from '../acts.js';
import { isReply } from '../state/room.js';
import { allUnread, here, namesVersion, person, reader, room, ui, unread, workspace } from '../state/store.js';
import { draw } from './blocks.js';
import { composer } from './composer.js';
import { context } from './context.js';
import { h, icon, keep } from './dom.js';
import { continues, dateOf, message } from './message.js';
import { avatar, titleOf } from './names.js';
import { makeList } from './list.js';
import { dayOf, dividerOf } from './zone.js';

const key = (...parts) => JSON.stringify(parts);

// eyes is what a drawing depends on besides what is drawn.
const eyes = () => { const { me, zone, locale, now } = reader(); return [me, zone, locale, dayOf(now, zone), namesVersion()]; };

const writing = (c) => [c.id, ui.me, c.archived, c.members.includes(ui.me), person(ui.me).deleted];

// makeConversation returns what draws the middle column.
export function makeConversation(root) {
  const list = keptList({ 'aria-label': 'Messages', 'data-testid': 'messages' });
  return () => {
    const c = here();
    const home = c.im && ui.tab === 'home';
    keep(root, [
      { key: key('top', c.id, titleOf(c, ui.me), about(c), ui.tab, ui.drawer, elsewhere(c), ui.me), make: () => top(c) },
      home ? { key: key('home', workspace.home, eyes()), make: homeTab } : { key: list.key(c.id), make: () => list.node },
      !home && { key: key('composer', writing(c)), make: () => composer(c, null) },
    ].filter(Boolean));
    if (!home) list.show(room(c.id).top, false);
  };
}

// keptList is a list of messages that is made anew for each person and place.
function keptList(attributes) {
  let made = null;
  return {
    key(place) {
      const wanted = key('list', place, ui.me);
      if (made?.key !== wanted) made = { key: wanted, ...makeList(attributes) };
      return wanted;
    },
    get node() { return made.node; },
    show: (messages, inThread) => made.show(messages.length, (from, to) => rows(messages, from, to, inThread)),
  };
}

// elsewhere is how much is unread in other conversations.
const elsewhere = (c) => allUnread() - unread(c.id);

function about(c) {
  const people = c.members.map(person).filter((u) => !u.is_bot).length;
  return c.im ? 'App' : [c.topic, `${people} people`].filter(Boolean).join(' · ');
}

function top(c) {
  const title = c.im ? workspace.app_name : [c.kind === 'private' && [icon('lock'), ' '], titleOf(c, ui.me)];
  return h('header', { class: 'top' }, sidebarButton(c),
    h('div', { class: 'title' }, h('h1', {}, title), h('p', { title: about(c) }, about(c))),
    c.im && workspace.home_tab && tabs(), workspace.panel && panelButton());
}

// sidebarButton opens the sidebar where the window has no room for it, and shows who one is.
function sidebarButton(c) {
  const count = elsewhere(c);
  return h('button', {
    type: 'button', class: 'drawer-button', 'data-testid': 'open-sidebar', 'aria-expanded': String(ui.drawer === 'sidebar'), 'aria-controls': 'sidebar',
    'aria-label': `Channels, and who you are: ${person(ui.me).real_name}${count ? `; ${count} unread` : ''}`, onclick: () => go({ drawer: 'sidebar' }),
  }, icon('menu'), avatar(person(ui.me)), count > 0 && h('span', { class: 'badge' }, count));
}

const panelButton = () => h('button', {
  type: 'button', class: 'drawer-button', 'data-testid': 'open-panel', 'aria-expanded': String(ui.drawer === 'panel'), 'aria-controls': 'panel',
  onclick: () => go({ drawer: 'panel' }),
}, icon('panel'), ' Sandbox');

const tabNames = { home: 'Home', messages: 'Messages' };

function tabs() {
  const show = (tab) => { go({ tab, thread: null }); act('home', { tab }); };
  const other = (event) => {
    if (!['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
    show(ui.tab === 'home' ? 'messages' : 'home');
    document.querySelector('[role=tab][aria-selected=true]').focus();
  };
  return h('div', { class: 'tabs', role: 'tablist', 'aria-label': workspace.app_name, onkeydown: other }, Object.entries(tabNames).map(([tab, name]) => h('button', {
    type: 'button', role: 'tab', 'aria-selected': String(ui.tab === tab), tabindex: ui.tab === tab ? null : '-1', 'data-testid': `${tab}-tab`, onclick: () => show(tab),
  }, name)));
}

function homeTab() {
  const drawn = workspace.home ? draw(workspace.home.blocks, context({ view: workspace.home.id }))
    : h('p', { class: 'nothing' }, 'The app has not published anything here.');
  return h('div', { class: 'home', tabindex: '0', role: 'region', 'aria-label': 'Home', 'data-testid': 'home' }, h('div', {}, drawn));
}

const ids = new WeakMap();
let lastID = 0;

// idOf tells one state of a message from another.
function idOf(m) {
  if (!ids.has(m)) ids.set(m, lastID += 1);
  return ids.get(m);
}

// rows are the messages from one place in a list up to another, with the days between them.
function rows(messages, from, to, inThread) {
  if (!messages.length) return [{ key: 'nothing', make: nothing }];
  const who = eyes();
  const { zone } = reader();
  const made = [];
  for (let i = from; i < to; i += 1) {
    const [m, before] = [messages[i], messages[i - 1]];
    const newDay = !inThread && (!before || dayFor(m, zone) !== dayFor(before, zone));
    if (newDay) made.push(divider(m));
    const replies = inThread || isReply(m) ? [] : room(m.channel).repliesTo(m.ts);
    const continued = !newDay && continues(m, before) && !(inThread && i === 1);
    made.push({ key: key(idOf(m), replies.map(idOf), continued, who), make: () => message(m, { replies, inThread, continued }) });
  }
  return made;
}

const days = new WeakMap();

// dayFor is the day on which a message was sent, for readers in a zone; finding it takes longer than remembering it.
function dayFor(m, zone) {
  if (days.get(m)?.zone !== zone) days.set(m, { zone, day: dayOf(dateOf(m), zone) });
  return days.get(m).day;
}

function divider(m) {
  const text = dividerOf(dateOf(m), reader());
  return { key: key('day', m.ts, text), make: () => h('div', { class: 'day' }, h('span', {}, text)) };
}

const nothing = () => h('div', { class: 'nothing' }, h('p', {}, 'Nothing has been said here yet.'), h('p', {}, 'Try ', h('code', {}, workspace.placeholder)));

// makeThread returns what draws the right column.
export function makeThread(root) {
  const list = keptList({ 'aria-label': 'Replies' });
  let shown = null;
  const close = () => { const { channel, thread } = ui; go({ thread: null }); focusOn(channel, thread); };
  root.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !event.defaultPrevented) close(); });
  return () => {
    const first = room(ui.channel).find(ui.thread);
    root.hidden = !first;
    if (!first) { root.replaceChildren(); shown = null; return; }
    const c = here();
    keep(root, [
      { key: key('top', ui.channel), make: () => threadTop(c, close) },
      { key: list.key(ui.thread), make: () => list.node },
      { key: key('composer', ui.thread, writing(c)), make: () => composer(c, ui.thread) },
    ]);
    list.show([first, ...room(ui.channel).repliesTo(ui.thread)], true);
    if (shown !== ui.thread) root.querySelector('textarea').focus({ preventScroll: true });
    shown = ui.thread;
  };
}

const threadTop = (c, close) => h('header', { class: 'top' },
  h('div', { class: 'title' }, h('h2', {}, 'Thread'), h('p', {}, c.im ? workspace.app_name : titleOf(c, ui.me))),
  h('button', { type: 'button', class: 'cross', 'aria-label': 'Close thread', onclick: close }, icon('cross')));

// focusOn goes back to the message whose thread was closed.
function focusOn(channel, ts) {
  const message = ui.channel === channel && document.querySelector(`#main [data-ts="${ts}"]`);
  (message?.querySelector('[data-testid="replies"]') ?? message ?? document.getElementById('composer'))?.focus();
}
