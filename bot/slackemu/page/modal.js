// The topmost form in front of the chosen person.
import { act, context, state } from './app.js';
import { draw, valuesOf } from './blocks.js';
import { complain, form } from './dialogs.js';

let shown = null; // {id, hash, dialog, fields}

export function drawModal() {
  const view = state.modal;
  const asIs = view && shown?.id === view.id && shown.hash === view.hash && shown.user === state.me;
  if (asIs) return;
  const kept = view && shown?.id === view.id && shown.user === state.me ? shown.fields : [];
  shown?.dialog.remove();
  shown = view ? open(view, kept) : null;
}

// filled are the blocks of a form with what stood in its fields before the app changed it.
const filled = (blocks, fields) => blocks.map((block) => {
  const field = fields.find((f) => f.block === block.block_id && f.action === block.element?.action_id);
  return field ? { ...block, element: { ...block.element, ...field.initial() } } : block;
});

function open(view, kept) {
  const fields = [];
  const body = draw(filled(view.blocks, kept), { ...context({ view: view.id }), from: view.from }, fields);
  const dialog = form(view, body, (d) => submit(d, fields), (all) => act('close', { all }));
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector('.dialog-body :is(input, textarea, select)')?.focus();
  return { id: view.id, hash: view.hash, user: state.me, dialog, fields };
}

async function submit(dialog, fields) {
  const button = dialog.querySelector('[type=submit]');
  if (!button || button.disabled) return;
  button.disabled = true;
  const delivery = await act('submit', { values: valuesOf(fields) });
  button.disabled = false;
  if (delivery) complain(dialog, delivery);
}
