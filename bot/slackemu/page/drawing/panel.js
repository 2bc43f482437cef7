// The region of whoever embeds the workspace.
import { become, go, openChannel, openThread } from '../acts.js';
import { notice, subscribe, ui, workspace } from '../state/store.js';
import { h, icon } from './dom.js';

// page is what the embedder's module may do: as() is the id of the person one is; onChange(f) calls f after each change
// of the workspace or of what is shown of it, and returns a function that ends that; toast(text) says something in
// passing; openThread(channel, ts), openChannel(id) and switchTo(user) go there.
const page = {
  as: () => ui.me, onChange: subscribe, toast: (text) => notice(text, 'good'), openThread, openChannel, switchTo: become,
};

let mounted = false;

// drawPanel loads the embedder's style and module once, and hands the module an element of its own.
export async function drawPanel(root) {
  if (mounted || !workspace.panel) return;
  mounted = true;
  const body = h('div', { class: 'panel-body' });
  root.append(h('button', { type: 'button', class: 'cross panel-close', 'data-testid': 'close-panel', 'aria-label': 'Close the sandbox panel', onclick: () => go({ drawer: '' }) }, icon('cross')), body);
  root.hidden = false;
  document.head.append(h('link', { rel: 'stylesheet', href: '/_panel/panel.css' }));
  (await import('/_panel/panel.js')).mount(body, page);
}
