// The elements of Block Kit that take a value. Each returns {node, value()}; "changed" is called when a person changed it.
import { h } from './dom.js';
import { words } from './mrkdwn.js';
import { clockOf, dayOf, unixIn, zoneName } from './zone.js';

const optionText = (o) => o.text?.text ?? '';

function marks(element, block) {
  return { 'data-action-id': element.action_id, 'data-block-id': block.block_id, 'aria-label': block.label?.text ?? element.placeholder?.text ?? element.action_id };
}

function select(element, block, changed, items, first) {
  const node = h('select', { class: 'field', ...marks(element, block), onchange: () => changed(node.value) },
    h('option', { value: '' }, element.placeholder?.text ?? 'Choose…'), items);
  node.value = first ?? '';
  return { node, value: () => node.value || null };
}

function staticSelect(element, block, context, changed) {
  const one = (o) => h('option', { value: o.value }, optionText(o));
  const items = element.options?.map(one)
    ?? element.option_groups.map((g) => h('optgroup', { label: g.label.text }, g.options.map(one)));
  return select(element, block, changed, items, element.initial_option?.value);
}

function usersSelect(element, block, context, changed) {
  const people = context.users.filter((u) => !u.is_bot && !u.deleted);
  return select(element, block, changed, people.map((u) => h('option', { value: u.id }, u.real_name)), element.initial_user);
}

// externalSelect asks the app for its options while the person types.
function externalSelect(element, block, context, changed) {
  let picked = element.initial_option ? { text: optionText(element.initial_option), value: element.initial_option.value } : null;
  let asked = 0;
  const menu = h('ul', { class: 'suggestions', role: 'listbox', hidden: true });
  const input = h('input', {
    class: 'field', type: 'text', role: 'combobox', autocomplete: 'off', 'aria-expanded': 'false', 'aria-autocomplete': 'list',
    placeholder: element.placeholder?.text ?? 'Search…', value: picked?.text ?? '', ...marks(element, block),
    oninput: () => { picked = null; ask(); }, onfocus: () => ask(), onblur: () => setTimeout(close, 150),
    onkeydown: (event) => move(event),
  });
  const close = () => { menu.hidden = true; input.setAttribute('aria-expanded', 'false'); };
  const pick = (option) => { picked = option; input.value = option.text; close(); changed(option.value); };
  const offer = (option) => h('li', {
    role: 'option', tabindex: '-1', 'data-testid': 'suggestion', 'data-value': option.value,
    onmousedown: (event) => { event.preventDefault(); pick(option); },
    onkeydown: (event) => { if (event.key === 'Enter') { event.preventDefault(); pick(option); input.focus(); close(); } else move(event); },
  }, option.text);
  async function ask() {
    if (input.value.length < (element.min_query_length ?? 3)) { close(); return; }
    const mine = asked += 1;
    const answer = await context.suggest(element, block, input.value);
    if (mine !== asked || !answer) return;
    const found = answer.options ?? [];
    menu.replaceChildren(...(found.length ? found.map(offer) : [h('li', { class: 'none' }, answer.delivery.error ? `No answer: ${answer.delivery.error}` : 'No results')]));
    menu.hidden = false;
    input.setAttribute('aria-expanded', 'true');
  }
  function move(event) {
    const items = [input, ...menu.querySelectorAll('[role=option]')];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape' && !menu.hidden) { event.stopPropagation(); event.preventDefault(); close(); input.focus(); }
    if (!step || menu.hidden) return;
    event.preventDefault();
    items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  }
  return { node: h('div', { class: 'combo' }, input, menu), value: () => picked?.value ?? null };
}

// datetimepicker shows and reads wall-clock time in the zone of the person.
function dateTimePicker(element, block, context, changed) {
  const start = element.initial_date_time ? new Date(element.initial_date_time * 1000) : null;
  const value = () => (day.value && time.value ? unixIn(context.zone, day.value, time.value) : null);
  const tell = () => { if (value()) changed(value()); };
  const day = h('input', { class: 'field', type: 'date', ...marks(element, block), value: start ? dayOf(start, context.zone) : '', onchange: tell });
  const time = h('input', { class: 'field', type: 'time', 'data-part': 'time', 'aria-label': 'Time', value: start ? clockOf(start, context.zone) : '', onchange: tell });
  return { node: h('div', { class: 'when' }, day, time, h('span', { class: 'zone' }, zoneName(start ?? context.now, context.zone))), value };
}

function textInput(element, block, context, changed) {
  const shared = {
    class: 'field', placeholder: element.placeholder?.text ?? '', value: element.initial_value ?? '', maxlength: element.max_length ?? 3000,
    ...marks(element, block),
  };
  const node = element.multiline ? h('textarea', { rows: 4, ...shared })
    : h('input', { type: 'text', ...shared, onkeydown: (event) => { if (event.key === 'Enter') { event.preventDefault(); changed(node.value); } } });
  return { node, value: () => node.value };
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
  return { node: h('div', { class: 'choices', ...marks(element, block), role: 'group' }, rows), value };
}

const kinds = {
  static_select: staticSelect, users_select: usersSelect, external_select: externalSelect, datetimepicker: dateTimePicker, plain_text_input: textInput,
  checkboxes: (e, b, c, f) => choices(e, b, c, f, 'checkbox'), radio_buttons: (e, b, c, f) => choices(e, b, c, f, 'radio'),
};

export function field(element, block, context, changed) {
  return kinds[element.type]?.(element, block, context, changed) ?? { node: h('em', {}, element.type), value: () => null };
}
