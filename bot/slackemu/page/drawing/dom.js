// Building the page from data. Text only ever becomes text nodes and attribute values, never markup.

// h makes an element: h('p', {class: 'note', onclick: f}, 'text', otherElement). Children that are null or false are left out.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name !== 'value' || tag === 'option' || tag === 'button') element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  if (attributes.value !== undefined && attributes.value !== null) element.value = attributes.value; // a menu's, once its options are there
  return element;
}

const icons = {
  lock: 'M4 7V5a4 4 0 0 1 8 0v2h1v7H3V7h1zm2 0h4V5a2 2 0 0 0-4 0v2z',
  eye: 'M8 3c3.5 0 6 2.8 7 5-1 2.2-3.5 5-7 5s-6-2.8-7-5c1-2.2 3.5-5 7-5zm0 2a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  reply: 'M2 3h12v8H8l-4 3v-3H2V3zm1.5 1.5v5h9v-5h-9z',
  cross: 'M3.5 2.1 8 6.6l4.5-4.5 1.4 1.4L9.4 8l4.5 4.5-1.4 1.4L8 9.4l-4.5 4.5-1.4-1.4L6.6 8 2.1 3.5z',
  hash: 'M6.3 2h1.6l-.5 3h2.6l.5-3h1.6l-.5 3H14v1.5h-2.7l-.5 3H13V11h-2.5l-.5 3H8.4l.5-3H6.3l-.5 3H4.2l.5-3H2V9.5h3l.5-3H3V5h2.8l.5-3zm.8 4.5-.5 3h2.6l.5-3H7.1z',
  person: 'M8 2a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM2.5 14c0-3 2.5-4.8 5.5-4.8s5.5 1.8 5.5 4.8h-11z',
  app: 'M3 2h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zm3.9 9.3 5-6-1.2-1-3.9 4.7L5.1 7.3 4 8.4l2.9 2.9z',
  tick: 'm6.5 12.6 7.3-8.4-1.7-1.5-5.7 6.6-2.6-2.6L2.2 8.3l4.3 4.3z',
  send: 'M1.7 2.2 15 8 1.7 13.8 3.5 9 10 8 3.5 7z',
  bolt: 'M9.5 1 3 9h4l-1 6 7-8.5H8.5z',
  more: 'M3 6.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zm5 0a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zm5 0a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z',
  down: 'm8 11.5 5-5-1.1-1.1L8 9.3 4.1 5.4 3 6.5z',
  window: 'M2 3h7v1.5H3.5v8h8V8H13v6H2zm8-1h4.5v4.5H13V4.6L8.5 9.1 7.4 8l4.5-4.5H10z',
  menu: 'M2 3h12v1.6H2zm0 4.2h12v1.6H2zm0 4.2h12V13H2z',
  panel: 'M2 2.5h12v11H2zM3.5 4v8H9V4z',
};

// icon draws one of a few pictures that no font has to provide.
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const path = document.createElementNS(space, 'path');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', icons[name]);
  path.setAttribute('fill-rule', 'evenodd');
  svg.append(path);
  return svg;
}

// keep puts children in place of an element's current ones, but leaves those alone whose key is the same, so that the
// focus and half-typed text survive.
export function keep(parent, children) {
  const old = new Map([...parent.children].map((c) => [c.dataset.key, c]));
  const wanted = children.map(({ key, make }) => {
    const known = old.get(key);
    if (known) return known;
    const made = make();
    made.dataset.key = key;
    return made;
  });
  const current = [...parent.children];
  if (wanted.length === current.length && wanted.every((c, i) => c === current[i])) return;
  const back = focusIn(parent);
  const staying = new Set(wanted);
  for (const c of current) if (!staying.has(c)) c.remove();
  wanted.forEach((c, i) => { if (parent.children[i] !== c) parent.insertBefore(c, parent.children[i] ?? null); });
  back();
}

const names = ['data-block-id', 'data-action-id', 'data-value', 'data-channel', 'data-testid'];

// focusIn remembers where the focus is within an element; what it returns brings the focus back to what stands there once
// that has been drawn anew, or to the message that it was in.
export function focusIn(parent) {
  const focused = document.activeElement;
  if (!parent.contains(focused) || focused === parent) return () => {};
  const ts = focused.closest('[data-ts]')?.dataset.ts;
  const same = names.filter((n) => focused.hasAttribute(n)).map((n) => `[${n}="${CSS.escape(focused.getAttribute(n))}"]`).join('');
  return () => {
    if (focused.isConnected || (document.activeElement !== document.body)) return;
    const message = ts ? parent.querySelector(`[data-ts="${ts}"]`) : parent;
    const again = same && message?.querySelector(same);
    (again || message)?.focus({ preventScroll: true });
  };
}

let serial = 0;

// newId is an id that no other element has.
export const newId = (what) => `${what}-${serial += 1}`;
