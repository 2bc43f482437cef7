// The topmost form in front of the chosen person.
import { act, context, state } from './app.js';
import { draw, valuesOf } from './blocks.js';
import { complain, form } from './dialogs.js';

let shown = null; // {id, hash, dialog, fields}

export function drawModal() {
  const view = state.modal;
  const asIs = view && shown?.id === view.id && shown.hash === view.hash && shown.user === state.me;
  if (asIs) return;
  shown?.dialog.remove();
  shown = view ? open(view) : null;
}

function open(view) {
  const fields = [];
  const body = draw(view.blocks, context({ view: view.id }), fields);
  const dialog = form(view, body, (d) => submit(d, fields), (all) => act('close', { all }));
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector('.dialog-body :is(input, textarea, select)')?.focus();
  return { id: view.id, hash: view.hash, user: state.me, dialog };
}

async function submit(dialog, fields) {
  const button = dialog.querySelector('[type=submit]');
  if (!button || button.disabled) return;
  button.disabled = true;
  const delivery = await act('submit', { values: valuesOf(fields) });
  button.disabled = false;
  if (delivery) complain(dialog, delivery);
}
