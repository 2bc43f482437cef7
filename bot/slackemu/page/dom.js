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
