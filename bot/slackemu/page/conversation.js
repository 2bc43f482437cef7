// The middle and right columns: messages, threads, the composer and the app's home tab.
import { h, icon, keep } from './dom.js';
import { act, context, draw as redraw, go, state, ui } from './app.js';
import { draw } from './blocks.js';
import { mrkdwn } from './mrkdwn.js';
import { titleOf } from './names.js';
import { messageMenu, shortcutMenu } from './shortcuts.js';
import { avatar } from './sidebar.js';
import { dayOf, dividerOf, timeOf } from './zone.js';

const channel = () => state.channels.find((c) => c.id === ui.channel);
const isReply = (m) => m.thread_ts && m.thread_ts !== m.ts;
const repliesTo = (ts) => state.messages[ui.channel].filter((m) => isReply(m) && m.thread_ts === ts);

// digest shortens what a drawing depends on to a key.
function digest(...parts) {
  let a = 5381;
  let b = 52711;
  for (const c of JSON.stringify(parts)) {
    a = (Math.imul(a, 33) ^ c.codePointAt(0)) >>> 0;
    b = (Math.imul(b, 31) + c.codePointAt(0)) >>> 0;
  }
  return `${a.toString(36)}${b.toString(36)}`;
}

const reader = () => { const { zone, now } = context({}); return [ui.me, zone, dayOf(now, zone)]; };

export function drawMain(root) {
  const c = channel();
  const home = c.im && ui.tab === 'home';
  keep(root, [
    { key: digest('top', c, ui.tab, ui.me), make: () => top(c) },
    home ? { key: digest('home', state.home, reader()), make: homeTab }
      : { key: `list ${c.id} ${ui.me}`, make: () => h('div', { class: 'messages', tabindex: '0', role: 'log', 'aria-label': 'Messages', 'data-testid': 'messages' }) },
    !home && { key: `composer ${c.id} ${ui.me} ${c.archived} ${c.members.includes(ui.me)}`, make: () => composer(c, null) },
  ].filter(Boolean));
  if (!home) fill(root.querySelector('.messages'), state.messages[c.id].filter((m) => !isReply(m) || m.broadcast), false);
}

function top(c) {
  const title = c.im ? state.app_name : [c.private && icon('lock'), ` ${titleOf(c, context({}))}`];
  const people = c.members.map((id) => context({}).user(id)).filter((u) => !u.is_bot).length;
  return h('header', { class: 'top' }, h('div', {}, h('h2', {}, title), h('p', {}, c.im ? 'App' : [c.topic, `${people} people`].filter(Boolean).join(' · '))),
    c.im && h('div', { class: 'tabs', role: 'tablist' }, ['home', 'messages'].map((tab) => h('button', {
      type: 'button', role: 'tab', 'aria-selected': String(ui.tab === tab), 'data-testid': `${tab}-tab`, onclick: () => { go({ tab }); act('home', { tab }); },
    }, tab === 'home' ? 'Home' : 'Messages'))));
}

function homeTab() {
  return h('div', { class: 'home', 'data-testid': 'home' }, state.home ? draw(state.home.blocks, context({ view: state.home.id }))
    : h('p', { class: 'nothing' }, 'The app has not published anything here.'));
}

// fill shows messages and stays at the end if the person was there.
function fill(root, messages, inThread) {
  const atEnd = root.scrollHeight - root.scrollTop - root.clientHeight < 60;
  const { zone, now } = context({});
  const rows = [];
  let day = '';
  for (const m of messages) {
    const date = new Date(Number(m.ts) * 1000);
    if (!inThread && dayOf(date, zone) !== day) {
      day = dayOf(date, zone);
      rows.push({ key: `day ${day} ${dividerOf(date, zone, now)}`, make: () => h('div', { class: 'day' }, h('span', {}, dividerOf(date, zone, now))) });
    }
    const replies = inThread ? [] : repliesTo(m.ts);
    rows.push({ key: `${m.ts} ${digest(m, replies.map((r) => r.ts), reader(), state.users)}`, make: () => message(m, replies, inThread) });
  }
  if (!rows.length) rows.push({ key: 'empty', make: empty });
  keep(root, rows);
  if (atEnd) root.scrollTop = root.scrollHeight;
}

const empty = () => h('div', { class: 'nothing' }, h('p', {}, 'Nothing has been said here yet.'), h('p', {}, 'Try ', h('code', {}, state.placeholder)));

function author(m) {
  if (m.from_slack) return { id: m.user, real_name: 'Slackbot', is_bot: true };
  return context({}).user(m.user);
}

function message(m, replies, inThread) {
  const place = context({ channel: m.channel, ts: m.ts });
  const user = author(m);
  const date = new Date(Number(m.ts) * 1000);
  const secret = Boolean(m.ephemeral_for);
  return h('article', { class: `message ${secret ? 'private' : ''} ${m.from_slack ? 'notice' : ''}`, 'data-testid': 'message', 'data-ts': m.ts, 'data-private': secret || null, 'data-user': m.user },
    secret && h('p', { class: 'only-you' }, icon('eye'), ' Only visible to you'),
    avatar(user),
    h('div', { class: 'content' },
      h('p', { class: 'byline' }, h('strong', {}, user.real_name), user.is_bot && h('span', { class: 'app-badge' }, 'APP'), h('time', { datetime: date.toISOString() }, timeOf(date, place.zone))),
      m.broadcast && !inThread && h('p', { class: 'broadcast', 'data-testid': 'broadcast' }, 'replied to a thread: ',
        h('button', { type: 'button', onclick: () => openThread(m.thread_ts) }, snippet(m.thread_ts))),
      body(m, place),
      replies.length > 0 && threadLink(m, replies)),
    !inThread && !secret && h('div', { class: 'hover' }, h('button', { type: 'button', 'data-testid': 'reply', title: 'Reply in thread', 'aria-label': 'Reply in thread', onclick: () => openThread(m.ts) }, icon('reply')), messageMenu(m)));
}

// snippet is the beginning of a message in plain words.
function snippet(ts) {
  const text = h('p', {}, mrkdwn(state.messages[ui.channel].find((m) => m.ts === ts)?.text ?? 'a message', context({}))).textContent;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function body(m, place) {
  const blocks = m.blocks?.length ? draw(m.blocks, place) : [h('p', { class: 'text' }, mrkdwn(m.text, place))];
  return h('div', { class: 'body' }, blocks, m.edited_ts && h('span', { class: 'edited' }, '(edited)'));
}

function threadLink(m, replies) {
  const faces = [...new Set(replies.map((r) => r.user))].slice(0, 4).map((id) => avatar(context({}).user(id)));
  return h('button', { type: 'button', class: 'thread-link', 'data-testid': 'replies', onclick: () => openThread(m.ts) }, faces,
    h('strong', {}, `${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}`), h('span', {}, 'View thread'));
}

function openThread(ts) {
  ui.thread = ts;
  redraw();
  document.querySelector('#thread textarea')?.focus();
}

export function drawThread(root) {
  const first = state.messages[ui.channel].find((m) => m.ts === ui.thread);
  root.hidden = !first;
  document.getElementById('app').classList.toggle('with-thread', Boolean(first));
  if (!first) { root.replaceChildren(); return; }
  const close = () => { ui.thread = null; redraw(); };
  keep(root, [
    { key: `top ${ui.channel}`, make: () => h('header', { class: 'top' }, h('div', {}, h('h2', {}, 'Thread'), h('p', {}, channel().im ? state.app_name : titleOf(channel(), context({})))), h('button', { type: 'button', class: 'cross', 'aria-label': 'Close thread', onclick: close }, '×')) },
    { key: `list ${ui.thread} ${ui.me}`, make: () => h('div', { class: 'messages', tabindex: '0', role: 'log', 'aria-label': 'Replies' }) },
    { key: `composer ${ui.thread} ${ui.me}`, make: () => composer(channel(), ui.thread) },
  ]);
  fill(root.querySelector('.messages'), [first, ...repliesTo(ui.thread)], true);
}

// composer is where a person types: slash commands and messages in a channel, messages in a thread.
function composer(c, thread) {
  const me = context({}).user(ui.me);
  const why = (c.archived && 'This channel is archived.') || (me.deleted && `${me.real_name}'s account is switched off.`) || (!c.members.includes(me.id) && `You are not in ${titleOf(c, context({}))}; commands work all the same.`);
  const off = c.archived || me.deleted;
  const draft = `${ui.me} ${c.id} ${thread}`;
  let past = ui.history.length;
  const input = h('textarea', {
    id: thread ? null : 'composer', rows: 1, 'data-testid': thread ? 'thread-composer' : 'composer', 'aria-label': thread ? 'Reply' : 'Message or command', disabled: off,
    placeholder: thread ? 'Reply…' : state.placeholder, value: ui.drafts[draft] ?? '',
    oninput: () => { ui.drafts[draft] = input.value; },
    onkeydown: (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (step && !input.value.includes('\n') && (!input.value || past < ui.history.length)) {
        event.preventDefault();
        past = Math.min(Math.max(past + step, 0), ui.history.length);
        input.value = ui.history[past] ?? '';
      }
    },
  });
  async function send() {
    const text = input.value.trim();
    if (!text) return;
    input.value = '';
    ui.drafts[draft] = '';
    ui.history.push(text);
    past = ui.history.length;
    box.classList.add('sending');
    const words = await say(c, thread, text);
    box.classList.remove('sending');
    note.textContent = words || why || '';
  }
  const note = h('p', { class: 'why', role: 'status' }, why || '');
  const box = h('form', { class: 'composer', onsubmit: (event) => { event.preventDefault(); send(); } },
    h('div', { class: 'composer-box' }, !thread && shortcutMenu(c), input, h('button', { type: 'submit', class: 'send', 'data-testid': thread ? 'thread-send' : 'send', 'aria-label': 'Send', disabled: off }, '➤')), note);
  return box;
}

// say sends what was typed and returns a sentence when that was not possible.
async function say(c, thread, text) {
  if (!text.startsWith('/')) {
    await act('message', { channel: c.id, text, thread_ts: thread ?? '' });
    return null;
  }
  if (thread) return `Slack does not take commands in threads. Type ${text.split(' ')[0]} in the channel.`;
  const [command, ...rest] = text.split(/\s/);
  await act('command', { channel: c.id, command, text: rest.join(' ').trim() });
  return null;
}
