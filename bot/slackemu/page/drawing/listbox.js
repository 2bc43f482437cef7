// A list of choices that belongs to a text field: arrows move through it while the focus stays in the field, Enter takes
// a choice, Esc closes the list.
import { h, newId } from './dom.js';

// listbox wires a list to a field. Its show(choices, none) opens it with choices {node, pick, …attributes}, or with words
// that say why there are none; key(event) handles a key and reports whether it was for the list.
export function listbox(input, label) {
  const node = h('ul', { id: newId('list'), class: 'suggestions', role: 'listbox', 'aria-label': label, hidden: true });
  let choices = [];
  let at = -1;
  input.setAttribute('aria-controls', node.id);
  input.setAttribute('aria-autocomplete', 'list');

  const isOpen = () => !node.hidden;
  function expanded() { if (input.getAttribute('role') === 'combobox') input.setAttribute('aria-expanded', String(isOpen())); }
  function close() { node.hidden = true; mark(-1); expanded(); }
  function pick(i) { close(); choices[i].pick(); }

  function mark(i) {
    at = i;
    [...node.children].forEach((li, n) => li.setAttribute('aria-selected', String(n === i)));
    if (i < 0) input.removeAttribute('aria-activedescendant');
    else {
      input.setAttribute('aria-activedescendant', node.children[i].id);
      node.children[i].scrollIntoView({ block: 'nearest' });
    }
  }

  // A choice that was moved to stays chosen when the list comes again, as it does for each letter.
  function show(offered, none) {
    const chosen = choices[at]?.['data-value'];
    choices = offered;
    node.replaceChildren(...(choices.length ? choices.map(entry) : [h('li', { class: 'none', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, none)]));
    node.hidden = false;
    mark(chosen === undefined ? -1 : choices.findIndex((choice) => choice['data-value'] === chosen));
    expanded();
  }

  const entry = ({ node: words, pick: _, ...attributes }, i) => h('li', {
    id: newId('choice'), role: 'option', 'aria-selected': 'false', ...attributes,
    onmousedown: (event) => event.preventDefault(), onclick: () => pick(i),
  }, words);

  function key(event) {
    if (!isOpen()) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape') close();
    else if (step && choices.length) mark(at < 0 && step < 0 ? choices.length - 1 : (at + step + choices.length) % choices.length);
    else if (event.key === 'Enter' && at >= 0) pick(at);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  return { node, show, close, key, isOpen, first: () => pick(Math.max(at, 0)) };
}
