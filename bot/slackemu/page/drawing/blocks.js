// Block Kit as DOM nodes. The context adds to the one of mrkdwn.js: act(element, block, value, values), suggest(…).
import { h, icon } from './dom.js';
import { confirmed } from './dialogs.js';
import { emoji, withEmoji } from './emoji.js';
import { field } from './fields.js';
import { menuButton } from './menu.js';
import { channelLink, everybody, groupMention, link, mention, moment, words } from './mrkdwn.js';

function button(element, block, context, values) {
  const node = h('button', {
    type: 'button', class: `button ${element.style ?? ''}`, 'data-action-id': element.action_id, 'data-block-id': block.block_id, 'data-value': element.value,
    'aria-label': element.accessibility_label ?? null, onclick: () => press(node, element, block, null, context, values),
  }, words(element.text, context));
  return node;
}

async function press(node, element, block, value, context, values) {
  if (node.getAttribute('aria-disabled') === 'true') return; // it keeps the focus, which a disabled button would lose
  if (element.confirm && !await confirmed(element.confirm, context)) return;
  if (element.url) window.open(element.url, '_blank', 'noopener');
  node.setAttribute('aria-disabled', 'true');
  await context.act(element, block, value, values());
  node.removeAttribute('aria-disabled');
}

function overflow(element, block, context, values) {
  const items = element.options.map((o) => ({
    label: words(o.text, context), 'data-value': o.value, pick: () => press(box.firstChild, element, block, o.value, context, values),
  }));
  const box = menuButton({ class: 'button more', 'aria-label': 'More actions', 'data-action-id': element.action_id, 'data-block-id': block.block_id }, icon('more'), items);
  return box;
}

// element draws one element and enters it into the form, if it has a value.
function element(e, block, context, form, dispatch) {
  const values = () => valuesOf(form);
  if (e.type === 'button') return button(e, block, context, values);
  if (e.type === 'overflow') return overflow(e, block, context, values);
  if (e.type === 'image') return h('img', { src: e.image_url, alt: e.alt_text, class: 'accessory-image' });
  const made = field(e, block, context, async (value) => {
    if (!dispatch) return;
    if (e.confirm && !await confirmed(e.confirm, context)) return;
    context.act(e, block, value, values());
  });
  form.push({ name: block.type === 'input' ? block.block_id : e.action_id, block: block.block_id, action: e.action_id, value: made.value, initial: made.initial });
  return made.node;
}

export const valuesOf = (form) => Object.fromEntries(form.map((f) => [f.name, f.value()]));

const richStyles = (node, style = {}) => {
  const tags = { bold: 'strong', italic: 'em', strike: 's', code: 'code', underline: 'u' };
  return Object.entries(tags).reduce((inside, [name, tag]) => (style[name] ? h(tag, {}, inside) : inside), node);
};

function richInline(e, context) {
  const kinds = {
    text: () => e.text.split('\n').flatMap((line, i) => (i ? [h('br'), line] : [line])),
    link: () => link(e.url, e.text), emoji: () => emoji(e.name), user: () => mention(e.user_id, context),
    channel: () => channelLink(e.channel_id, null, context), usergroup: () => groupMention(e.usergroup_id, null, context),
    broadcast: () => everybody(e.range), color: () => h('code', {}, e.value),
    date: () => moment(e.timestamp, e.format, e.fallback, context),
  };
  const made = [kinds[e.type]?.() ?? ''].flat();
  return e.style ? richStyles(h('span', {}, made), e.style) : made;
}

const richLine = (e, context) => e.elements.map((i) => richInline(i, context));

function richText(block, context) {
  return block.elements.map((e) => {
    if (e.type === 'rich_text_list') return h(e.style === 'ordered' ? 'ol' : 'ul', { class: `indent-${e.indent ?? 0}` }, e.elements.map((line) => h('li', {}, richLine(line, context))));
    if (e.type === 'rich_text_quote') return h('blockquote', {}, richLine(e, context));
    if (e.type === 'rich_text_preformatted') return h('pre', {}, richLine(e, context));
    return h('p', {}, richLine(e, context));
  });
}

// table draws a table block, whose first row is shown as its head.
function table(block, context) {
  const align = (i) => `align-${block.column_settings?.[i]?.align ?? 'left'}`;
  const cell = (tag) => (c, i) => h(tag, { class: align(i) }, c.type === 'rich_text' ? richText(c, context) : c.text);
  const [head, ...rows] = block.rows;
  return h('div', { class: 'block-table', tabindex: '0', role: 'region', 'aria-label': 'Table' }, h('table', { 'data-testid': 'table' },
    h('thead', {}, h('tr', {}, head.map(cell('th')))), h('tbody', {}, rows.map((row) => h('tr', {}, row.map(cell('td')))))));
}

function input(block, context, form) {
  const made = element(block.element, block, context, form, block.dispatch_action);
  const field = made.matches('[data-action-id]') ? made : made.querySelector('[data-action-id]');
  const error = h('p', { id: `${field.id}-error`, class: 'error', 'data-testid': 'error', 'data-error-for': block.block_id, role: 'alert', hidden: true });
  const hint = block.hint && h('p', { id: `${field.id}-hint`, class: 'hint' }, withEmoji(block.hint.text));
  if (hint) field.setAttribute('aria-describedby', hint.id);
  if (!block.optional && field.matches('input, textarea, select')) field.setAttribute('aria-required', 'true');
  return h('div', { class: 'block-input', 'data-block': block.block_id },
    h('label', { class: 'label', for: field.id }, withEmoji(block.label.text), block.optional && h('span', { class: 'optional' }, ' (optional)')), made, error, hint);
}

const drawings = {
  table,
  header: (b, c) => h('h3', { class: 'block-header' }, words(b.text, c)),
  divider: () => h('hr'),
  section: (b, c, form) => h('div', { class: 'block-section' },
    h('div', { class: 'block-body' }, b.text && h('p', {}, words(b.text, c)),
      b.fields && h('div', { class: 'block-fields' }, b.fields.map((f) => h('p', {}, words(f, c))))),
    b.accessory && h('div', { class: 'block-accessory' }, element(b.accessory, b, c, form, true))),
  context: (b, c) => h('div', { class: 'block-context' }, b.elements.map((e) => (e.type === 'image' ? h('img', { src: e.image_url, alt: e.alt_text }) : h('span', {}, words(e, c))))),
  actions: (b, c, form) => h('div', { class: 'block-actions' }, b.elements.map((e) => element(e, b, c, form, true))),
  input,
  rich_text: (b, c) => h('div', { class: 'block-rich' }, richText(b, c)),
  image: (b, c) => h('figure', {}, b.title && h('figcaption', {}, words(b.title, c)), h('img', { src: b.image_url, alt: b.alt_text })),
};

// draw returns the nodes of blocks; fields are entered into form.
export function draw(blocks, context, form = []) {
  return (blocks ?? []).map((b) => drawings[b.type]?.(b, context, form) ?? h('em', {}, b.type));
}
