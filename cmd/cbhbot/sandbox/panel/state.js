// What the sandbox says of itself, asked for every second while the page is seen, and when something has changed.
import { loadState } from './transport.js';

const every = 1000;
let draw = () => {};
let loading = null;
let again = false;

// refresh asks once for all who want to know at the same time, and once more for those who ask meanwhile.
export function refresh() {
  again = loading !== null;
  loading ??= load();
  return loading;
}

async function load() {
  do {
    again = false;
    const state = await loadState();
    if (!state.error) draw(state);
  } while (again);
  loading = null;
}

export function begin(show) {
  draw = show;
  refresh();
  setInterval(() => { if (document.visibilityState === 'visible') refresh(); }, every);
}
