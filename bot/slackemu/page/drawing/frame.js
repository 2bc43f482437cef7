// Which columns there is room for: what is not docked lies over the conversation as a drawer, or out of reach.
import { go } from '../acts.js';
import { allUnread, here, room, ui, workspace } from '../state/store.js';
import { titleOf } from './names.js';

// phone has room for one column, narrow for no panel. The widths are those of layout.css.
const phone = matchMedia('(max-width: 759px)');
const narrow = matchMedia('(max-width: 1199px)');

const element = (id) => document.getElementById(id);
const drawers = { sidebar: phone, panel: narrow };

let opened = ''; // the drawer that was open when the frame was drawn last

export function drawFrame() {
  const thread = Boolean(room(ui.channel).find(ui.thread));
  const drawer = drawers[ui.drawer]?.matches ? ui.drawer : '';
  const app = element('app');
  app.classList.toggle('with-thread', thread);
  app.classList.toggle('with-panel', workspace.panel);
  app.classList.toggle('offline', !ui.reachable);
  app.dataset.drawer = drawer;
  for (const [id, over] of Object.entries(drawers)) element(id).inert = over.matches && drawer !== id;
  element('thread').inert = Boolean(drawer);
  element('main').inert = Boolean(drawer) || (thread && phone.matches);
  element('veil').hidden = !drawer;
  moveFocus(drawer);
  document.title = title();
}

// moveFocus goes into a drawer that opens, and back to its button when it closes.
function moveFocus(drawer) {
  if (drawer === opened) return;
  const back = document.activeElement === document.body || element(opened)?.contains(document.activeElement);
  if (drawer) element(drawer).querySelector('button, select')?.focus();
  else if (back) document.querySelector(`[data-testid="open-${opened}"]`)?.focus();
  opened = drawer;
}

function title() {
  const count = allUnread();
  const name = here().im ? workspace.app_name : titleOf(here(), ui.me);
  return `${count ? `(${count}) ` : ''}${name} · Slack on this machine`;
}

// watchFrame closes drawers with Esc or a press beside them, and follows the window's size.
export function watchFrame() {
  const close = () => { if (ui.drawer) go({ drawer: '' }); };
  element('veil').addEventListener('click', close);
  element('skip').addEventListener('click', (event) => { event.preventDefault(); (element('composer') ?? element('main')).focus(); });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !event.defaultPrevented) close(); });
  for (const media of [phone, narrow]) media.addEventListener('change', () => { if (workspace) drawFrame(); });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) go({}); }); // what came meanwhile is seen
}
