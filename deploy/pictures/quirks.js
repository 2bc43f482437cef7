// What the renderer has to be told differently to draw what Slack draws.

// The renderer turns &lt; and &gt; into angle brackets before it looks for markup. Two letters
// that nobody uses stand in for them while it draws.
const less = "\ue000", more = "\ue001";

const disguised = text => text.replaceAll("&lt;", less).replaceAll("&gt;", more);
const literal = text => disguised(text).replaceAll("<", less).replaceAll(">", more);

// forRenderer is blocks as the renderer has to get them. It looks for markup in plain text,
// and for "verbatim" nowhere, where Slack only leaves bare names and addresses alone
// (https://docs.slack.dev/reference/block-kit/composition-objects/text-object). Labels it
// puts into markup itself; and Slack says itself which inputs are optional.
export function forRenderer(blocks, language) {
  const optional = language === "zh-CN" ? "（可选）" : " (optional)";
  return JSON.parse(JSON.stringify(blocks), (key, value) => {
    if (key === "verbatim") return undefined;
    if (typeof value === "string") return disguised(value);
    if (value?.type === "plain_text") return { ...value, text: literal(value.text), verbatim: !value.emoji };
    if (value?.type === "input") value.label = { ...value.label, verbatim: false };
    if (value?.type === "input" && value.optional) value.label.text += optional;
    return value;
  });
}

// withAngles shows the brackets.
export function withAngles(figure) {
  const texts = document.createTreeWalker(figure, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    texts.currentNode.data = texts.currentNode.data.replaceAll(less, "<").replaceAll(more, ">");
  }
}
