// Where a person types: slash commands and messages in a channel, messages in a thread.
import { act } from '../acts.js';
import { person, ui, workspace } from '../state/store.js';
import { h, icon } from './dom.js';
import { hintsFor } from './hints.js';
import { listbox } from './listbox.js';
import { titleOf } from './names.js';
import { shortcutMenu } from './shortcuts.js';

// obstacle says why somebody cannot write in a channel, or what is to be known there.
function obstacle(c, me) {
  if (c.archived) return 'This channel is archived.';
  if (me.deleted) return `${me.real_name}'s account is switched off.`;
  return c.members.includes(me.id) ? '' : `You are not in ${titleOf(c, me.id)}; commands work all the same.`;
}

export function composer(c, thread) {
  const me = person(ui.me);
  const off = Boolean(c.archived || me.deleted);
  const draft = `${me.id} ${c.id} ${thread}`;
  const name = (part) => (thread ? `thread-${part}` : part);
  const input = h('textarea', {
    id: thread ? null : 'composer', rows: 1, 'data-testid': name('composer'), 'aria-label': thread ? 'Reply' : 'Message or command', disabled: off,
    placeholder: thread ? 'Reply…' : workspace.placeholder, value: ui.drafts[draft] ?? '',
    oninput: () => { ui.drafts[draft] = input.value; offer(); }, onkeydown: (event) => key(event), onbeforeinput: (event) => oneLine(event), onblur: () => list.close(), onfocus: () => offer(),
  });
  const list = listbox(input, 'Commands');
  const usage = h('p', { class: 'usage', 'data-testid': 'usage', 'aria-live': 'polite' });
  const recall = history(input);
  let shifted = false;

  function write(text) {
    input.value = text;
    ui.drafts[draft] = text;
    offer();
  }

  function offer() {
    const { choices, about } = thread ? { choices: [], about: '' } : hintsFor(input.value, write);
    if (choices.length) list.show(choices); else list.close();
    usage.replaceChildren(about);
  }

  // oneLine lets only Shift and Enter begin a new line.
  function oneLine(event) { if (event.inputType === 'insertLineBreak' && !shifted) event.preventDefault(); }

  function key(event) {
    shifted = event.shiftKey;
    if (list.isOpen() && event.key === 'Tab' && !event.shiftKey) { event.preventDefault(); list.first(); return; }
    if (list.key(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); } else recall.key(event);
  }

  async function send() {
    const text = input.value.trim();
    if (!text || off) return;
    recall.add(text);
    write('');
    box.classList.add('sending');
    note.textContent = await say(c, thread, text) || obstacle(c, me);
    box.classList.remove('sending');
  }

  const note = h('p', { class: 'why', role: 'status' }, obstacle(c, me));
  const box = h('form', { class: 'composer', onsubmit: (event) => { event.preventDefault(); send(); } },
    list.node, usage,
    h('div', { class: 'composer-box' }, !thread && shortcutMenu(c), input,
      h('button', { type: 'submit', class: 'send', 'data-testid': name('send'), 'aria-label': 'Send', disabled: off }, icon('send'))), note);
  return box;
}

// history brings back with the arrows what was sent before.
function history(input) {
  let at = ui.history.length;
  return {
    add(text) { ui.history.push(text); at = ui.history.length; },
    key(event) {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!by || input.value.includes('\n') || (input.value && at === ui.history.length)) return;
      event.preventDefault();
      at = Math.min(Math.max(at + by, 0), ui.history.length);
      input.value = ui.history[at] ?? '';
    },
  };
}

// say sends what was typed and returns a sentence when that was not possible.
async function say(c, thread, text) {
  if (!text.startsWith('/')) {
    await act('message', { channel: c.id, text, thread_ts: thread ?? '' });
    return '';
  }
  const [command, ...rest] = text.split(/\s/);
  if (thread) return `Slack does not take commands in threads. Type ${command} in the channel.`;
  await act('command', { channel: c.id, command, text: rest.join(' ').trim() });
  return '';
}
