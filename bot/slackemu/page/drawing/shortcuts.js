// The shortcuts that the app's manifest declares: the global ones beside the composer, the others in a message's menu.
import { act } from '../acts.js';
import { workspace } from '../state/store.js';
import { icon } from './dom.js';
import { menuButton } from './menu.js';

function menu(type, face, label, place) {
  const items = workspace.shortcuts.filter((s) => s.type === type).map((s) => ({
    label: s.name, title: s.description, 'data-shortcut': s.callback_id, pick: () => act('shortcut', { callback_id: s.callback_id, ...place }),
  }));
  return menuButton({ class: 'opener', 'aria-label': label, title: label, 'data-testid': `${type}-shortcuts` }, icon(face), items, 'The app has none.');
}

export const shortcutMenu = (channel) => menu('global', 'bolt', 'Shortcuts', { channel: channel.id });

export const messageMenu = (m) => menu('message', 'more', 'More actions', { channel: m.channel, ts: m.ts });
