// One message.
import { openThread } from '../acts.js';
import { isReply } from '../state/room.js';
import { person, room } from '../state/store.js';
import { draw } from './blocks.js';
import { context } from './context.js';
import { h, icon } from './dom.js';
import { mrkdwn } from './mrkdwn.js';
import { avatar } from './names.js';
import { messageMenu } from './shortcuts.js';
import { fullOf, timeOf } from './zone.js';

const author = (m) => (m.from_slack ? { id: m.user, real_name: 'Slackbot', is_bot: true } : person(m.user));

export const dateOf = (m) => new Date(Number(m.ts) * 1000);

// continues reports whether a message is so close to the one before that it needs no head of its own.
export const continues = (m, before) => Boolean(before) && m.user === before.user && !m.blocks?.length && !m.broadcast
  && !m.ephemeral_for && !before.ephemeral_for && !m.from_slack && Number(m.ts) - Number(before.ts) < 300;

// message draws one; replies are those that the link to its thread speaks of.
export function message(m, { replies, inThread, continued }) {
  const place = context({ channel: m.channel, ts: m.ts });
  const user = author(m);
  const secret = Boolean(m.ephemeral_for);
  const kinds = ['message', secret && 'private', m.from_slack && 'notice', continued && 'continued'].filter(Boolean).join(' ');
  return h('article', {
    class: kinds, tabindex: '-1', 'aria-label': `${user.real_name}, ${timeOf(dateOf(m), place)}`,
    'data-testid': 'message', 'data-ts': m.ts, 'data-private': secret || null, 'data-user': m.user,
  },
  secret && h('p', { class: 'only-you' }, icon('eye'), ' Only visible to you'),
  continued ? h('time', { class: 'aside', datetime: dateOf(m).toISOString(), 'aria-hidden': 'true' }, timeOf(dateOf(m), place)) : avatar(user),
  h('div', { class: 'content' },
    !continued && byline(m, user, place),
    m.broadcast && !inThread && broadcast(m, place),
    body(m, place),
    replies.length > 0 && threadLink(m, replies, place)),
  !secret && tools(m, inThread));
}

function byline(m, user, place) {
  return h('p', { class: 'byline' }, h('strong', {}, user.real_name), user.is_bot && h('span', { class: 'app-badge' }, 'APP'),
    h('time', { datetime: dateOf(m).toISOString(), title: fullOf(dateOf(m), place) }, timeOf(dateOf(m), place)));
}

function broadcast(m, place) {
  const text = h('p', {}, mrkdwn(room(m.channel).find(m.thread_ts)?.text ?? 'a message', place)).textContent;
  return h('p', { class: 'broadcast', 'data-testid': 'broadcast' }, 'replied to a thread: ',
    h('button', { type: 'button', onclick: () => openThread(m.channel, m.thread_ts) }, text.length > 60 ? `${text.slice(0, 60)}…` : text));
}

function body(m, place) {
  const blocks = m.blocks?.length ? draw(m.blocks, place) : [h('p', { class: 'text' }, mrkdwn(m.text, place))];
  return h('div', { class: 'body' }, blocks, m.edited_ts && h('span', { class: 'edited' }, '(edited)'));
}

function threadLink(m, replies, place) {
  const faces = [...new Set(replies.map((r) => r.user))].slice(0, 4).map((id) => avatar(person(id)));
  return h('button', { type: 'button', class: 'thread-link', 'data-testid': 'replies', onclick: () => openThread(m.channel, m.ts) }, faces,
    h('strong', {}, `${replies.length} ${replies.length === 1 ? 'reply' : 'replies'}`),
    h('span', {}, `last at ${timeOf(dateOf(replies.at(-1)), place)}`));
}

// tools are the buttons that show while a message is pointed at or holds the focus.
function tools(m, inThread) {
  const reply = !inThread && !isReply(m) && h('button', {
    type: 'button', class: 'opener', 'data-testid': 'reply', title: 'Reply in thread', 'aria-label': 'Reply in thread', onclick: () => openThread(m.channel, m.ts),
  }, icon('reply'));
  return h('div', { class: 'hover' }, reply, messageMenu(m));
}
