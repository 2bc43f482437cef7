// Building the page from data. Text only ever becomes text nodes and attribute values, never markup.

// h makes an element: h('p', {class: 'note', onclick: f}, 'text', otherElement). Children that are null or false are left out.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

const icons = {
  lock: 'M4 7V5a4 4 0 0 1 8 0v2h1v7H3V7h1zm2 0h4V5a2 2 0 0 0-4 0v2z',
  eye: 'M8 3c3.5 0 6 2.8 7 5-1 2.2-3.5 5-7 5s-6-2.8-7-5c1-2.2 3.5-5 7-5zm0 2a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  cross: 'M3.5 2.1 8 6.6l4.5-4.5 1.4 1.4L9.4 8l4.5 4.5-1.4 1.4L8 9.4l-4.5 4.5-1.4-1.4L6.6 8 2.1 3.5z',
  reply: 'M2 3h12v8H8l-4 3v-3H2V3z',
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
  const staying = new Set(wanted);
  for (const c of current) if (!staying.has(c)) c.remove();
  wanted.forEach((c, i) => { if (parent.children[i] !== c) parent.insertBefore(c, parent.children[i] ?? null); });
}

export function toast(text, tone = 'warning') {
  const box = h('div', { class: `toast ${tone}`, 'data-testid': 'toast' }, text);
  document.getElementById('toasts').append(box);
  setTimeout(() => box.remove(), 7000);
}

// post sends JSON and returns the JSON answered; errors become toasts and null.
export async function post(path, body) {
  try {
    const answer = await fetch(`/_page/${path}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
    const data = await answer.json();
    if (!answer.ok) { toast(data.error ?? `The server answered ${answer.status}.`); return null; }
    return data;
  } catch {
    toast('The workspace cannot be reached. Is the program still running?');
    return null;
  }
}
