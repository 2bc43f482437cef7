// The elements of Block Kit that take a value. Each returns {node, value(), initial()}: initial is what the element would
// have to say to look as it does. "changed" is called when a person changed it.
import { h, newId } from './dom.js';
import { listbox } from './listbox.js';
import { titleOf } from './names.js';
import { words } from './mrkdwn.js';
import { clockOf, dayOf, unixIn, zoneName } from './zone.js';

const optionText = (o) => o.text?.text ?? '';

function marks(element, block) {
  return { id: newId('field'), 'data-action-id': element.action_id, 'data-block-id': block.block_id, 'aria-label': block.label?.text ?? element.placeholder?.text ?? element.action_id };
}

function select(element, block, changed, items, first) {
  const node = h('select', { class: 'field', ...marks(element, block), onchange: () => changed(node.value) },
    h('option', { value: '' }, element.placeholder?.text ?? 'Choose…'), items);
  node.value = first ?? '';
  return { node, value: () => node.value || null };
}

const chosen = (element, value) => [...element.options ?? [], ...(element.option_groups ?? []).flatMap((g) => g.options)].find((o) => o.value === value);

function staticSelect(element, block, context, changed) {
  const one = (o) => h('option', { value: o.value }, optionText(o));
  const items = element.options?.map(one)
    ?? element.option_groups.map((g) => h('optgroup', { label: g.label.text }, g.options.map(one)));
  const made = select(element, block, changed, items, element.initial_option?.value);
  return { ...made, initial: () => ({ initial_option: chosen(element, made.value()) }) };
}

function usersSelect(element, block, context, changed) {
  const people = context.users.filter((u) => !u.is_bot && !u.deleted);
  const made = select(element, block, changed, people.map((u) => h('option', { value: u.id }, u.real_name)), element.initial_user);
  return { ...made, initial: () => ({ initial_user: made.value() ?? undefined }) };
}

const option = (o) => ({ text: { type: 'plain_text', text: o.text }, value: o.value });

// conversationsSelect offers what the person can open, less what the element filters out, and begins with the channel
// that a form was opened from if the element says so.
function conversationsSelect(element, block, context, changed) {
  const { include, exclude_external_shared_channels: noShared, exclude_bot_users: noBots } = element.filter ?? {};
  const offered = context.channels.filter((c) => !c.archived && (!include || include.includes(c.kind)) && !(noShared && c.shared) && !(noBots && c.im));
  const from = element.default_to_current_conversation && offered.find((c) => c.id === context.from)?.id;
  const made = select(element, block, changed, offered.map((c) => h('option', { value: c.id }, titleOf(c, context.me))), element.initial_conversation ?? from);
  return { ...made, initial: () => ({ initial_conversation: made.value() ?? undefined }) };
}

// combo is a field that asks the app for options while the person types. Picked is called with what they choose.
function combo(element, block, context, start, picked) {
  let asked = 0;
  const input = h('input', {
    class: 'field', type: 'text', role: 'combobox', autocomplete: 'off', 'aria-expanded': 'false',
    placeholder: element.placeholder?.text ?? 'Search…', value: start, ...marks(element, block),
    oninput: () => { picked(null, input); ask(); }, onfocus: () => ask(), onblur: () => { asked += 1; list.close(); },
    onkeydown: (event) => list.key(event) || (event.key === 'ArrowDown' && ask()),
  });
  const list = listbox(input, 'Results');
  const choice = (o) => ({
    node: [o.text, o.description && h('small', {}, o.description)], 'data-testid': 'suggestion', 'data-value': o.value, pick: () => picked(o, input),
  });
  async function ask() {
    const mine = asked += 1;
    if (input.value.length < (element.min_query_length ?? 3)) { list.close(); return; }
    const answer = await context.suggest(element, block, input.value);
    if (mine !== asked) return;
    const error = answer.error ?? answer.delivery.error;
    list.show((answer.options ?? []).map(choice), error ? `No answer: ${error}` : 'No results');
  }
  return h('div', { class: 'combo' }, input, list.node);
}

function externalSelect(element, block, context, changed) {
  let picked = element.initial_option ? { text: optionText(element.initial_option), value: element.initial_option.value } : null;
  const node = combo(element, block, context, picked?.text ?? '', (o, input) => {
    picked = o;
    if (o) { input.value = o.text; changed(o.value); }
  });
  return { node, value: () => picked?.value ?? null, initial: () => ({ initial_option: picked ? option(picked) : undefined }) };
}

// multiExternalSelect keeps what was picked above the field; pressing one takes it out again.
function multiExternalSelect(element, block, context, changed) {
  let picked = (element.initial_options ?? []).map((o) => ({ text: optionText(o), value: o.value }));
  const value = () => picked.map((o) => o.value);
  const shown = h('div', { class: 'picked', 'data-testid': 'picked' });
  const set = (next) => { picked = next; draw(); changed(value()); };
  const draw = () => shown.replaceChildren(...picked.map((o) => h('button', {
    type: 'button', 'data-value': o.value, 'aria-label': `Remove ${o.text}`, onclick: () => set(picked.filter((other) => other !== o)),
  }, `${o.text} ×`)));
  const field = combo(element, block, context, '', (o, input) => {
    if (!o) return;
    input.value = '';
    const more = picked.length < (element.max_selected_items ?? Infinity) && !picked.some((other) => other.value === o.value);
    if (more) set([...picked, o]);
  });
  draw();
  return { node: h('div', {}, shown, field), value, initial: () => ({ initial_options: picked.length ? picked.map(option) : undefined }) };
}

// datetimepicker shows and reads wall-clock time in the zone of the person.
function dateTimePicker(element, block, context, changed) {
  const start = element.initial_date_time ? new Date(element.initial_date_time * 1000) : null;
  const value = () => (day.value && time.value ? unixIn(context.zone, day.value, time.value) : null);
  const tell = () => { if (value()) changed(value()); };
  const day = h('input', { class: 'field', type: 'date', max: '9999-12-31', ...marks(element, block), value: start ? dayOf(start, context.zone) : '', onchange: tell });
  const time = h('input', { class: 'field', type: 'time', 'data-part': 'time', 'aria-label': 'Time', value: start ? clockOf(start, context.zone) : '', onchange: tell });
  return { node: h('div', { class: 'when' }, day, time, h('span', { class: 'zone' }, zoneName(start ?? context.now, context.zone))), value, initial: () => ({ initial_date_time: value() ?? undefined }) };
}

function textInput(element, block, context, changed) {
  const shared = {
    class: 'field', placeholder: element.placeholder?.text ?? '', value: element.initial_value ?? '', maxlength: element.max_length ?? 3000,
    ...marks(element, block),
  };
  const node = element.multiline ? h('textarea', { rows: 4, ...shared })
    : h('input', { type: 'text', ...shared, onkeydown: (event) => { if (event.key === 'Enter') { event.preventDefault(); changed(node.value); } } });
  return { node, value: () => node.value, initial: () => ({ initial_value: node.value }) };
}

let groups = 0;

function choices(element, block, context, changed, type) {
  const name = `choice-${groups += 1}`;
  const first = [element.initial_option, ...(element.initial_options ?? [])].filter(Boolean).map((o) => o.value);
  const boxes = element.options.map((o) => h('input', { type, name, value: o.value, onchange: () => changed(value()) }));
  boxes.forEach((box) => { box.checked = first.includes(box.value); });
  const picked = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const value = () => (type === 'checkbox' ? picked() : picked()[0] ?? null);
  const rows = element.options.map((o, i) => h('label', { class: 'choice' }, boxes[i], h('span', {}, words(o.text, context), o.description && h('small', {}, words(o.description, context)))));
  const initial = () => (type === 'checkbox' ? { initial_options: picked().map((v) => chosen(element, v)) } : { initial_option: chosen(element, value()) });
  return { node: h('div', { class: 'choices', ...marks(element, block), role: type === 'radio' ? 'radiogroup' : 'group' }, rows), value, initial };
}

const kinds = {
  static_select: staticSelect, users_select: usersSelect, external_select: externalSelect, multi_external_select: multiExternalSelect,
  conversations_select: conversationsSelect, datetimepicker: dateTimePicker, plain_text_input: textInput,
  checkboxes: (e, b, c, f) => choices(e, b, c, f, 'checkbox'), radio_buttons: (e, b, c, f) => choices(e, b, c, f, 'radio'),
};

export function field(element, block, context, changed) {
  return kinds[element.type]?.(element, block, context, changed) ?? { node: h('em', {}, element.type), value: () => null, initial: () => ({}) };
}
