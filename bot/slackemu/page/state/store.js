// What the page knows: the workspace as one person sees it, and where in it that person is. Nothing here draws, and
// nothing asks the server.
import { makeRoom } from './room.js';

// ui is where somebody is. drawer is what lies over the conversation in a narrow window: '', 'sidebar' or 'panel'.
export const ui = { me: '', channel: '', thread: null, tab: 'messages', drawer: '', reachable: true, drafts: {}, history: [] };

// workspace is what the server said last; null before it said anything.
export let workspace = null;

const nobody = makeRoom();
let rooms = new Map();
let seen = {}; // by person and channel: the latest message that was on the page
let people = new Map();
let generation = { text: '', number: 0 };

const watchers = new Set();
const listeners = new Set();

// subscribe calls f after each change; what it returns ends that.
export function subscribe(f) {
  watchers.add(f);
  return () => watchers.delete(f);
}

// onNotice calls f(text, tone) with what is to be said in passing.
export const onNotice = (f) => listeners.add(f);
export const notice = (text, tone = 'warning') => listeners.forEach((f) => f(text, tone));

// change moves somebody about in the workspace.
export function change(where) {
  Object.assign(ui, where);
  if (!workspace) return;
  settle();
  watchers.forEach((f) => f());
}

// take adopts what the server said, and then moves.
export function take(fetched, where) {
  const before = rooms;
  if (fetched.whole) rooms = new Map();
  const changed = new Set();
  const each = (list, f) => list.forEach((m) => { f(roomOf(m.channel), m); changed.add(m.channel); });
  each(fetched.messages, (room, m) => room.put(unchanged(before.get(m.channel)?.find(m.ts), m)));
  each(fetched.removed, (room, m) => room.drop(m.ts));
  changed.forEach((id) => rooms.get(id).sort());
  workspace = fetched;
  people = new Map(fetched.users.map((u) => [u.id, u]));
  renew();
  change({ ...where, me: fetched.me });
}

// unchanged is the message that is known already where the server says the same again: it need not be drawn anew.
const unchanged = (known, m) => (known && JSON.stringify(known) === JSON.stringify(m) ? known : m);

function roomOf(channel) {
  if (!rooms.has(channel)) rooms.set(channel, makeRoom());
  return rooms.get(channel);
}

// renew counts how often the names that messages are drawn with have changed.
function renew() {
  const { users, groups, channels } = workspace;
  const text = JSON.stringify([users.map((u) => [u.id, u.real_name, u.is_bot, u.deleted]), groups, channels.map((c) => [c.id, c.name, c.archived])]);
  if (text !== generation.text) generation = { text, number: generation.number + 1 };
}

// settle finds somebody a place that exists, and notes what they see there.
function settle() {
  if (!workspace.channels.some((c) => c.id === ui.channel)) {
    ui.channel = workspace.channels.find((c) => !c.im)?.id ?? workspace.channels[0]?.id;
    ui.thread = null;
  }
  const mine = seen[ui.me] ??= {};
  for (const c of workspace.channels) {
    if (!(c.id in mine) || (c.id === ui.channel && !document.hidden)) mine[c.id] = room(c.id).all.at(-1)?.ts ?? '0';
  }
}

export const room = (channel) => rooms.get(channel) ?? nobody;
export const here = () => workspace.channels.find((c) => c.id === ui.channel);
export const person = (id) => people.get(id) ?? { id, name: id, real_name: id, tz: 'UTC' };
export const directWith = (me) => workspace.channels.find((c) => c.im === me);
export const namesVersion = () => generation.number;

// unread is how many messages of others came to a channel since it was last on the page.
export function unread(channel) {
  const { all } = room(channel);
  const since = seen[ui.me]?.[channel] ?? '0';
  let count = 0;
  for (let i = all.length - 1; i >= 0 && all[i].ts > since; i -= 1) if (all[i].user !== ui.me) count += 1;
  return count;
}

export const allUnread = () => workspace.channels.reduce((sum, c) => sum + unread(c.id), 0);

// reader is whose eyes things are drawn for.
export function reader() {
  const me = person(ui.me);
  return { me: me.id, zone: me.tz, locale: me.locale || 'en-US', now: new Date(workspace.now) };
}
