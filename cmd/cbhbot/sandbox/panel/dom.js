// Drawing: elements from data. Text only ever becomes text, never markup.

// h makes an element: h('p', {class: 'note', onclick: f}, 'text', other). Children that are null or false are left out.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

// say changes an element's text, if it is another.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// keyed keeps one element for each item: made once, updated ever after, so that the focus and what is open stay.
export function keyed(parent, items, keyOf, make, update) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, place) => {
    const key = keyOf(item, place);
    const element = old.get(key) ?? make(item);
    old.delete(key);
    element.dataset.key = key;
    update(element, item);
    if (parent.children[place] !== element) parent.insertBefore(element, parent.children[place] ?? null);
  });
  old.forEach((child) => child.remove());
}

// button does something once at a time. It is not disabled meanwhile, so that it keeps the focus.
export function button(label, attributes, run) {
  let busy = false;
  const element = h('button', { type: 'button', ...attributes, onclick: async () => {
    if (busy) return;
    busy = true;
    element.setAttribute('aria-busy', 'true');
    await run();
    element.removeAttribute('aria-busy');
    busy = false;
  } }, label);
  return element;
}

// toggle is a button that is pressed while something is on.
export function toggle(label, attributes, run) {
  const element = button(label, { class: 'toggle', 'aria-pressed': 'false', ...attributes }, () => run(!isOn(element)));
  return element;
}

const isOn = (element) => element.getAttribute('aria-pressed') === 'true';
export const press = (element, on) => element.setAttribute('aria-pressed', String(Boolean(on)));

export const choice = (attributes, options) => h('select', attributes, options.map(([value, label]) => h('option', { value }, label)));

// part is a section that can be folded.
export const part = (name, title, ...children) => h('details', { class: `part ${name}`, 'data-testid': `panel-${name}`, open: true }, h('summary', {}, title), children);
