// The shortcuts that the app's manifest declares: the global ones beside the composer, the others in a message's menu.
import { h } from './dom.js';
import { act, state } from './app.js';

function menu(type, sign, label, press) {
  const offered = state.shortcuts.filter((s) => s.type === type);
  const list = h('div', { class: 'menu', role: 'menu', hidden: true }, offered.length ? offered.map((s) => h('button', {
    type: 'button', role: 'menuitem', title: s.description, 'data-shortcut': s.callback_id, onclick: () => { list.hidden = true; press(s); },
  }, s.name)) : h('p', { class: 'none' }, 'The app has none.'));
  const opener = h('button', { type: 'button', class: 'opener', 'aria-label': label, title: label, 'aria-haspopup': 'menu', 'data-testid': `${type}-shortcuts`, onclick: () => { list.hidden = !list.hidden; } }, sign);
  const box = h('div', { class: 'overflow', onkeydown: (e) => { if (e.key === 'Escape') { list.hidden = true; opener.focus(); } }, onfocusout: (e) => { if (!box.contains(e.relatedTarget)) list.hidden = true; } }, opener, list);
  return box;
}

export const shortcutMenu = (channel) => menu('global', '⚡', 'Shortcuts', (s) => act('shortcut', { callback_id: s.callback_id, channel: channel.id }));

export const messageMenu = (m) => menu('message', '⋮', 'More actions', (s) => act('shortcut', { callback_id: s.callback_id, channel: m.channel, ts: m.ts }));
