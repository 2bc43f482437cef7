// The page: who one is, where one is, and the workspace as that person sees it. Every change on the server makes it
// fetch the whole state again and redraw what differs.
import { post, toast } from './dom.js';
import { drawSidebar } from './sidebar.js';
import { drawMain, drawThread } from './conversation.js';
import { drawModal } from './modal.js';
import { mountPanel } from './panel.js';

const [, startMe = '', startChannel = ''] = /^#?([^/]*)\/?(.*)$/.exec(decodeURIComponent(location.hash)) ?? [];

export const ui = { me: startMe, channel: startChannel, thread: null, tab: 'messages', drafts: {}, seen: {}, history: [] };
export let state = null;

const user = (id) => state.users.find((u) => u.id === id) ?? { id, name: id, real_name: id, tz: 'UTC' };

// context is what drawing a message or view needs to know about its reader.
export function context(place) {
  const me = user(state.me);
  return {
    me: me.id, zone: me.tz, now: new Date(state.now), users: state.users, channels: state.channels, groups: state.groups, user,
    act: (element, block, value, values) => act('action', { ...place, block_id: block.block_id, action: element.action_id, value, values }),
    suggest: (element, block, query) => post('act/suggest', { user: me.id, ...place, block_id: block.block_id, action: element.action_id, query }),
  };
}

// act does something as the chosen person and says so when the app did not answer.
export async function act(name, body) {
  const delivery = await post(`act/${name}`, { user: state.me, ...body });
  const told = delivery?.delivery ?? delivery;
  if (told?.error && name !== 'submit' && name !== 'command') toast(`That did not reach the app: ${told.error}`);
  return delivery;
}

export function go(change) {
  Object.assign(ui, change);
  location.hash = `${ui.me}/${ui.channel}`;
  load();
}

export const directWith = (me) => state.channels.find((c) => c.im === me);

let loading = false;
let again = false;

export async function load() {
  if (loading) { again = true; return; }
  loading = true;
  try {
    const asked = ui.me;
    const answer = await fetch(`/_page/state?as=${encodeURIComponent(asked)}`);
    const fetched = await answer.json();
    if (ui.me === asked) { // else one has become somebody else meanwhile
      state = fetched;
      draw();
    }
  } catch (error) {
    console.error(error);
  }
  loading = false;
  if (again) { again = false; load(); }
}

export function draw() {
  if (!state) return;
  ui.me = state.me;
  if (!state.channels.some((c) => c.id === ui.channel)) {
    ui.channel = state.channels.find((c) => !c.im)?.id ?? state.channels[0]?.id;
    ui.thread = null;
  }
  markSeen();
  drawSidebar(document.getElementById('sidebar'));
  drawMain(document.getElementById('main'));
  drawThread(document.getElementById('thread'));
  drawModal();
  watchers.forEach((f) => f());
}

const watchers = new Set();

// forPanel is what the embedder's panel may do with the page.
const forPanel = {
  as: () => ui.me,
  onChange: (f) => { watchers.add(f); return () => watchers.delete(f); },
  toast: (text) => toast(text, 'good'),
  openThread: (channel, ts) => go({ channel, thread: ts, tab: 'messages' }),
  openChannel: (channel) => go({ channel, thread: null, tab: 'messages' }),
  switchTo: (me) => go({ me, thread: null, tab: 'messages' }),
};

function markSeen() {
  const mine = ui.seen[ui.me] ??= {};
  for (const c of state.channels) {
    const latest = state.messages[c.id]?.at(-1)?.ts ?? '0';
    if (!(c.id in mine) || c.id === ui.channel) mine[c.id] = latest;
  }
}

export const unread = (channel) => (state.messages[channel] ?? [])
  .filter((m) => Number(m.ts) > Number(ui.seen[ui.me]?.[channel] ?? 0) && m.user !== ui.me).length;

async function begin() {
  await load();
  if (state?.panel) mountPanel(document.getElementById('panel'), forPanel);
  await post('act/reload', { user: ui.me }); // private messages do not survive a reload
  const changes = new EventSource('/_page/changes');
  changes.onmessage = () => load();
  changes.onopen = () => document.body.classList.remove('offline');
  changes.onerror = () => document.body.classList.add('offline');
  setInterval(load, 30000); // the clocks go on
}

begin();
