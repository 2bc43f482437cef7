// What a person does on the page: it goes to the server, and what comes of it into the state.
import { fetchState, post, watch } from './transport/server.js';
import { change, notice, take, ui, workspace } from './state/store.js';

let running = false;
let again = false;
let wanted = {}; // where to go once the next state is there
let awaited = {}; // and the one that is being fetched

// load asks for what has changed and then moves to a place.
export async function load(where = {}) {
  Object.assign(wanted, where);
  again = true;
  if (running) return;
  running = true;
  try {
    while (again) {
      again = false;
      await loadOnce();
    }
  } finally {
    running = false; // also after a fault in the drawing, or the page would stand still for ever
  }
}

async function loadOnce() {
  const where = wanted;
  [wanted, awaited] = [{}, where];
  const as = where.me ?? ui.me;
  const before = workspace?.channels;
  const fetched = await fetchState(as, as === workspace?.me ? workspace.cursor : '');
  if (!fetched) {
    wanted = { ...where, ...wanted };
    change({ reachable: false });
    return;
  }
  if (!wanted.me) { // gone to meanwhile, by the same person: one state later it would undo where they go until then
    Object.assign(where, wanted);
    wanted = {};
  }
  take(fetched, { ...where, reachable: true });
  const joined = !fetched.whole && fetched.channels.some((c) => !before.some((b) => b.id === c.id));
  if (joined) await reloadWhole(); // what was said there before is older than the cursor
}

async function reloadWhole() {
  const fetched = await fetchState(ui.me, '');
  if (fetched) take(fetched, {});
}

// go moves to a channel, thread, tab or drawer, or becomes somebody else.
export function go(where) {
  const switching = running && (!workspace || wanted.me || awaited.me);
  if (switching || (where.me && where.me !== ui.me)) load(where);
  else change(where);
}

export const openChannel = (channel) => {
  go({ channel, thread: null, tab: 'messages', drawer: '' });
  if (workspace.channels.find((c) => c.id === channel)?.im) act('home', { tab: 'messages' });
};

export const become = (me) => go({ me, thread: null, tab: 'messages', drawer: '' });

export const openThread = (channel, ts) => go({ channel, thread: ts, tab: 'messages', drawer: '' });

// act does something as the chosen person and says so when the app did not answer.
export async function act(name, body) {
  const answer = await post(`act/${name}`, { user: ui.me, ...body });
  const delivery = answer.delivery ?? answer;
  if (delivery.error && name !== 'submit' && name !== 'command') notice(`That did not reach the app: ${delivery.error}`);
  return answer;
}

export const suggest = (place, query) => post('act/suggest', { user: ui.me, ...place, query });

// begin loads the workspace and follows it. Private messages do not survive a reload of the page.
export async function begin(where) {
  await load(where);
  await post('act/reload', { user: ui.me });
  watch(() => load(), (reachable) => change({ reachable }));
  setInterval(load, 30000); // the clocks go on
}
