// The region of whoever embeds the workspace: docked at the right of wide windows, a drawer behind a button in narrow ones.
import { h, icon } from './dom.js';

const narrow = matchMedia('(max-width: 1199px)');

function show(root, opener, open) {
  root.classList.toggle('open', open);
  root.inert = narrow.matches && !open;
  opener.setAttribute('aria-expanded', String(open));
}

// mountPanel loads the embedder's style and module, and hands the module an element of its own and what it may do with
// the page: as() is the id of the person one is; onChange(f) calls f after each change of the workspace and returns a
// function that ends that; toast(text) says something in passing; openThread(channel, ts), openChannel(id) and
// switchTo(user) go there.
export async function mountPanel(root, page) {
  const body = h('div', { class: 'panel-body' });
  const opener = h('button', { type: 'button', id: 'panel-opener', 'data-testid': 'open-panel', 'aria-controls': 'panel', 'aria-expanded': 'false',
    onclick: () => { show(root, opener, true); closer.focus(); } }, 'Sandbox');
  const closer = h('button', { type: 'button', class: 'cross panel-close', 'data-testid': 'close-panel', 'aria-label': 'Close the sandbox panel',
    onclick: () => { show(root, opener, false); opener.focus(); } }, icon('cross'));
  root.append(closer, body);
  root.before(opener);
  root.hidden = false;
  root.addEventListener('keydown', (e) => { if (e.key === 'Escape' && narrow.matches) closer.click(); });
  narrow.addEventListener('change', () => show(root, opener, false));
  show(root, opener, false);
  document.getElementById('app').classList.add('with-panel');
  document.head.append(h('link', { rel: 'stylesheet', href: '/_panel/panel.css' }));
  (await import('/_panel/panel.js')).mount(body, page);
}
