// Menus that open below a button: arrows move, Esc closes, and the focus goes back to the button.
import { h, newId } from './dom.js';

// menuButton returns the button and the place for its menu. items are {label, pick, …attributes}; none says what stands
// there when there are no items.
export function menuButton(attributes, face, items, none) {
  const id = newId('menu');
  let list = null;
  const close = () => {
    const closed = list;
    list = null; // first, because what is removed loses the focus
    closed?.remove();
    opener.setAttribute('aria-expanded', 'false');
  };
  const open = () => {
    list = menuList(id, items, none, opener.getAttribute('aria-label'), (item) => { close(); opener.focus(); item.pick(); });
    box.append(list);
    opener.setAttribute('aria-expanded', 'true');
    beside(list, opener);
    list.querySelector('[role=menuitem]')?.focus();
  };
  const opener = h('button', {
    type: 'button', ...attributes, 'aria-haspopup': 'menu', 'aria-expanded': 'false', onclick: () => (list ? close() : open()),
    onkeydown: (e) => { if (e.key === 'ArrowDown' && !list) { e.preventDefault(); open(); } },
  }, face);
  const box = h('div', {
    class: 'overflow',
    onkeydown: (e) => { if (list) move(e, list, () => { close(); opener.focus(); }); },
    onfocusout: (e) => { if (!box.contains(e.relatedTarget)) close(); },
  }, opener);
  return box;
}

function menuList(id, items, none, label, picked) {
  const entries = items.map(({ label: words, pick, ...attributes }) => h('button', {
    type: 'button', role: 'menuitem', tabindex: '-1', ...attributes, onclick: () => picked({ pick }),
  }, words));
  return entries.length ? h('div', { id, class: 'menu', role: 'menu', 'aria-label': label }, entries)
    : h('div', { id, class: 'menu' }, h('p', { class: 'none' }, none));
}

function move(event, list, leave) {
  const items = [...list.querySelectorAll('[role=menuitem]')];
  const at = items.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === 'Escape') { event.stopPropagation(); event.preventDefault(); leave(); }
  if (next === undefined || !items.length) return;
  event.preventDefault();
  items.at(next % items.length).focus();
}

// beside puts a menu below what opened it, or above, but never outside the window.
function beside(list, opener) {
  const from = opener.getBoundingClientRect();
  const size = list.getBoundingClientRect();
  const below = from.bottom + 4 + size.height <= innerHeight;
  list.style.top = `${Math.max(4, below ? from.bottom + 4 : from.top - 4 - size.height)}px`;
  list.style.left = `${Math.max(4, Math.min(from.left, innerWidth - size.width - 8))}px`;
}
