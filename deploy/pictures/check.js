// What makes a picture true: each text of a sample is on it, and nothing sticks out.

import { forRenderer } from "./quirks.js";

// aside lists the texts of a sample that stand on no surface until somebody presses, or
// gets a notification.
export function aside(sample, names) {
  const lines = sample.text ? ["🔔 " + spoken(sample.text, names)] : [];
  walk(sample.view?.blocks ?? sample.blocks, node => {
    if (node.confirm) {
      const { title, text, confirm, deny } = node.confirm;
      lines.push(`[${node.text?.text ?? node.type}] → ${title.text} ${text.text} [${confirm.text}] [${deny.text}]`);
    }
    const options = node.options ?? node.initial_options ?? node.option_groups?.flatMap(group => group.options);
    if (options) lines.push(`[${node.type}] → ` + options.map(wordsOf).join(" | "));
  });
  return lines;
}

const wordsOf = option => option.text.text + (option.description ? ` (${option.description.text})` : "");

// spoken is mrkdwn as a notification says it.
function spoken(text, names) {
  return bare(text.replace(/<(?:[@#]|!subteam\^)(\w+)[^>]*>/g, (_, id) => "@" + (names[id] ?? id))
    .replace(/<[^|>]*\|([^>]*)>/g, "$1").replace(/[*`]/g, ""));
}

const bare = text => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

// faults is what makes a sample's picture untrue or unreadable.
export function faults(figure, sample) {
  const found = why => `${sample.group} / ${sample.name} (${sample.language}): ${why}`;
  const failed = figure.querySelector(".failed");
  if (failed) return [found("the renderer failed: " + failed.textContent)];
  const surface = figure.querySelector(".surface"), blocks = sample.view?.blocks ?? sample.blocks;
  const drawn = surface.querySelectorAll(".slack_blocks_to_jsx--block_wrapper");
  const all = [];
  if (drawn.length !== blocks.length) all.push(`${blocks.length} blocks, ${drawn.length} drawn`);
  drawn.forEach((block, n) => {
    const empty = blocks[n]?.type !== "divider" && squeeze(visible(block)) === "";
    if (empty || block.offsetHeight === 0) all.push(`block ${n + 1} (${blocks[n]?.type}) is empty`);
  });
  const shown = squeeze(visible(surface));
  for (const words of lost(forRenderer(blocks, sample.language), shown)) all.push(`not on the picture: ${words}`);
  const raw = visible(surface).match(/<[!@#]\S*|\{date\S*|\{time\S*|\{ago\}|\bundefined\b|\[object \w+\]|LBKS|`/);
  if (raw) all.push(`markup is shown as it is: ${raw[0]}`);
  const wider = wide(surface).find(element => !inTable(element));
  if (wider) all.push(`sticks out at ${figure.offsetWidth} px: ${JSON.stringify(wider.textContent.slice(0, 60))}`);
  return all.map(found);
}

// notes is what somebody should look at: tables that have to be pushed sideways.
export function notes(figure, sample) {
  const found = wide(figure.querySelector(".surface") ?? figure).some(inTable);
  return found ? [`${sample.group} / ${sample.name} (${sample.language}): the table is wider than ${figure.offsetWidth} px`] : [];
}

// wide lists the innermost elements that reach beyond the surface, or whose text is cut.
function wide(surface) {
  const right = surface.getBoundingClientRect().right;
  const out = [...surface.querySelectorAll("*")].filter(element => {
    const box = element.getBoundingClientRect();
    const cut = element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== "visible";
    return box.width > 0 && (box.right > right + 0.5 || cut);
  });
  return out.filter(element => !out.some(other => other !== element && element.contains(other)));
}

const inTable = element => element.closest(".slack_blocks_to_jsx__table") !== null;

// visible is all text of a surface: inputs show theirs as values or placeholders.
function visible(surface) {
  const inputs = [...surface.querySelectorAll("input, textarea")].map(input => `${input.value} ${input.placeholder}`);
  return [surface.innerText, ...inputs].join("\n");
}

const squeeze = text => text.replace(/[\s\u200b]+/g, "");

// lost lists the words of blocks that are not shown.
function lost(blocks, shown) {
  const missing = [];
  walk(blocks, node => {
    for (const piece of pieces(node)) {
      if (!shown.includes(squeeze(piece))) missing.push(JSON.stringify(piece.trim()));
    }
  });
  return missing;
}

// pieces is what a text object says between its markup.
function pieces(node) {
  if (typeof node.text !== "string") return [];
  return node.type === "mrkdwn" ? node.text.split(/<[^>]*>|:[a-z0-9_+-]+:|[*_~`\n]/).map(bare) : [node.text];
}

// walk visits each object that is shown without a press.
function walk(node, visit) {
  if (Array.isArray(node)) return node.forEach(each => walk(each, visit));
  if (typeof node !== "object" || node === null) return;
  visit(node);
  for (const [key, value] of Object.entries(node)) {
    if (!["confirm", "options", "initial_options", "option_groups"].includes(key)) walk(value, visit);
  }
}
