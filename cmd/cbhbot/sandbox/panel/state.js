// What the sandbox says of itself, asked for every second while the page is seen, and when something has changed.
import { loadState } from './transport.js';

const every = 1000;
let draw = () => {};
let loading = null; // what is being asked
let next = null; // what is asked behind it

// refresh asks once for all who want to know at the same time, and once more for those who ask meanwhile. Nobody
// waits for what others ask later: where a state takes longer than the next asking, that would never end.
export function refresh() {
  if (!loading) return load();
  next ??= loading.then(load);
  return next;
}

function load() {
  next = null;
  loading = show();
  return loading;
}

async function show() {
  const state = await loadState();
  if (!state.error) draw(state);
  loading = null;
}

export function begin(show) {
  draw = show;
  refresh();
  setInterval(() => { if (document.visibilityState === 'visible') refresh(); }, every);
}
