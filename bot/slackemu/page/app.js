// The page begins here: it takes from the address who somebody is and where, and draws after each change of the state.
import { begin, go } from './acts.js';
import { onNotice, subscribe, ui } from './state/store.js';
import { makeConversation, makeThread } from './drawing/conversation.js';
import { drawFrame, watchFrame } from './drawing/frame.js';
import { drawModal } from './drawing/modal.js';
import { drawPanel } from './drawing/panel.js';
import { drawSidebar } from './drawing/sidebar.js';
import { toast } from './drawing/toasts.js';

// place reads an address: …/?as=U0ANA, or …/#U0ANA/C0OPS, which also says where one is.
function place(address) {
  const { hash, searchParams } = new URL(address);
  const [, me, channel] = /^#?([^/]*)\/?(.*)$/.exec(decodeURIComponent(hash));
  const said = { me: me || searchParams.get('as'), channel };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value));
}

const element = (id) => document.getElementById(id);
const parts = [
  () => drawSidebar(element('sidebar')), makeConversation(element('main')), makeThread(element('thread')),
  () => drawPanel(element('panel')), drawFrame, drawModal,
];

subscribe(() => {
  parts.forEach((draw) => draw());
  const address = `#${ui.me}/${ui.channel}`;
  if (location.hash !== address) history.replaceState(null, '', address);
});
onNotice(toast);
watchFrame();
addEventListener('hashchange', (event) => go(place(event.newURL))); // the address itself may have been written anew since
begin(place(location.href));
