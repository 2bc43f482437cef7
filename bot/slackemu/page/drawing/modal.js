// The topmost form in front of the chosen person.
import { act } from '../acts.js';
import { ui, workspace } from '../state/store.js';
import { draw, valuesOf } from './blocks.js';
import { context } from './context.js';
import { complain, form } from './dialogs.js';
import { focusIn } from './dom.js';

let shown = null; // {id, hash, user, dialog, fields}
let back = () => {};

export function drawModal() {
  const view = workspace.modal;
  const asIs = view && shown?.id === view.id && shown.hash === view.hash && shown.user === ui.me;
  if (asIs) return;
  const changed = Boolean(view) && shown?.id === view.id && shown.user === ui.me;
  const at = changed ? cursor(shown.dialog) : null;
  const kept = changed ? shown.fields : [];
  if (view && !shown) back = focusIn(document.body);
  shown?.dialog.close(); // which gives the focus back
  shown?.dialog.remove();
  shown = view ? open(view, kept, at) : null;
  if (!shown) back();
}

// filled are the blocks of a form with what stood in its fields before the app changed it.
const filled = (blocks, fields) => blocks.map((block) => {
  const field = fields.find((f) => f.block === block.block_id && f.action === block.element?.action_id);
  return field ? { ...block, element: { ...block.element, ...field.initial() } } : block;
});

function open(view, kept, at) {
  const fields = [];
  const body = draw(filled(view.blocks, kept), { ...context({ view: view.id }), from: view.from }, fields);
  const dialog = form(view, body, (d) => submit(d, fields), (all) => act('close', { all }));
  document.body.append(dialog);
  dialog.showModal();
  if (!at?.(dialog)) (dialog.querySelector('.dialog-body :is(input, textarea, select)') ?? dialog.querySelector('.dialog-body')).focus();
  return { id: view.id, hash: view.hash, user: ui.me, dialog, fields };
}

// cursor remembers the field that somebody is in; what it returns goes there in the form drawn anew.
function cursor(dialog) {
  const field = document.activeElement;
  const id = dialog.contains(field) && field.dataset.actionId;
  if (!id) return null;
  const from = field.selectionStart;
  return (next) => {
    const same = next.querySelector(`[data-action-id="${CSS.escape(id)}"]`);
    same?.focus();
    if (same && Number.isInteger(from)) same.setSelectionRange(from, from);
    return Boolean(same);
  };
}

async function submit(dialog, fields) {
  const button = dialog.querySelector('[type=submit]');
  if (!button || button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  complain(dialog, await act('submit', { values: valuesOf(fields) }));
  button.removeAttribute('aria-disabled');
}
