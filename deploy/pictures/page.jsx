// The page that draws samples of what the bot says. Go calls draw() with a set of
// samples, and takes a picture of each sheet that comes of it.
import { Component } from "react";
import { flushSync } from "react-dom";
import { createRoot } from "react-dom/client";
import { Message } from "slack-blocks-to-jsx";
import "slack-blocks-to-jsx/dist/style.css";
import { dateIn } from "./date.js";
import { aside, faults, notes } from "./check.js";
import { forRenderer, withAngles } from "./quirks.js";
import "./page.css";

// lacks says what this machine lacks for pictures, or nothing. A glyph that no font has is
// drawn as a box, which is the same for all of them.
globalThis.lacks = () => {
  const [box, fort, wall, bell] = ["\u{10fffd}", "堡", "垒", "🔔"].map(glyph);
  if (fort === wall || fort === box) return "no font has Chinese: apt-get install fonts-noto-cjk";
  if (bell === box) return "no font has emoji: apt-get install fonts-noto-color-emoji";
  if (glyph("m", "Lato, monospace") === glyph("m", "monospace")) return "Slack's font is not there: apt-get install fonts-lato";
  return "";
};

function glyph(letter, font = "sans-serif") {
  const pen = Object.assign(document.createElement("canvas"), { width: 40, height: 40 }).getContext("2d");
  pen.font = "24px " + font;
  pen.fillText(letter, 4, 30);
  return pen.canvas.toDataURL();
}

const logo = "data:image/svg+xml," + encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="4" fill="#4a154b"/></svg>`);

// draw shows the samples of a set, and returns what is wrong with them and how many
// sheets they fill. Sheets have the ids sheet-1, sheet-2 ….
globalThis.draw = set => {
  stopClock(set.now);
  document.documentElement.lang = set.language;
  document.documentElement.dataset.look = set.look;
  const main = document.querySelector("main");
  main.innerHTML = `<div class="measure"></div>`;
  const figures = set.samples.map(sample => place(main.firstChild, sample, set));
  const result = {
    faults: figures.flatMap((figure, n) => faults(figure, set.samples[n])),
    notes: figures.flatMap((figure, n) => notes(figure, set.samples[n])),
  };
  figures.forEach(withAngles);
  result.sheets = intoSheets(main, figures, set.width);
  return result;
};

// stopClock has everything on the page read the samples' time, so that "today" is what it
// was for the bot.
function stopClock(now) {
  const Real = Date.Real ?? Date;
  globalThis.Date = class extends Real {
    static Real = Real;
    static now() { return new Real(now).getTime(); }
    constructor(...when) { super(...(when.length ? when : [now])); }
  };
}

function place(parent, sample, set) {
  const figure = document.createElement("figure");
  figure.style.width = set.width + "px";
  parent.append(figure);
  const root = createRoot(figure, { onUncaughtError() {}, onCaughtError() {} });
  flushSync(() => root.render(<Figure sample={sample} set={set} />));
  return figure;
}

// Figure is a sample with its name, and below it the texts that only a press or a
// notification shows.
function Figure({ sample, set }) {
  return <>
    <figcaption><b>{sample.name}</b></figcaption>
    <Guard><Surface sample={sample} set={set} /></Guard>
    {aside(sample, set.names).map((line, n) => <figcaption key={n}>{line}</figcaption>)}
  </>;
}

// Guard keeps one sample's failure from the others.
class Guard extends Component {
  state = {};
  static getDerivedStateFromError(error) { return { error }; }
  render() {
    return this.state.error ? <pre className="failed">{String(this.state.error)}</pre> : this.props.children;
  }
}

// Surface is where a sample stands. The frames of modals are drawn here, because the
// renderer draws blocks only.
function Surface({ sample, set }) {
  const view = sample.view ?? sample;
  const blocks = <Message blocks={forRenderer(view.blocks, set.language)} theme={set.look} name="cbhbot" logo={logo} time={new Date()}
    withoutWrapper={sample.surface !== "message"} data={named(set.names)}
    hooks={set.language === "en" ? {} : { date: token => dateIn(set.language, token) }} />;
  if (sample.surface === "message") return <div className="surface message">{blocks}</div>;
  return <div className={"surface " + sample.surface}>
    {view.title && <header><span>{view.title.text}</span><span>✕</span></header>}
    <div className="body">{blocks}</div>
    {view.close && <footer><span>{view.close.text}</span>{view.submit && <span className="submit">{view.submit.text}</span>}</footer>}
  </div>;
}

function named(names) {
  const all = Object.entries(names).map(([id, name]) => ({ id, name }));
  const of = letters => all.filter(({ id }) => letters.includes(id[0]));
  return { users: of("UW"), channels: of("CGD"), user_groups: of("S") };
}

// intoSheets moves figures into columns, in their order, and begins another sheet when the
// columns are full. What is taller than a column has a sheet of its own.
function intoSheets(main, figures, width) {
  const columns = width < 500 ? 3 : 2, tallest = 1800, gap = 20;
  const heights = figures.map(figure => figure.offsetHeight);
  main.innerHTML = "";
  let sheet, column, room = 0, sheets = 0;
  figures.forEach((figure, n) => {
    const alone = heights[n] > tallest;
    if (heights[n] > room) {
      if (!sheet || alone || sheet.children.length === columns) {
        sheet = main.appendChild(document.createElement("section"));
        sheet.className = "sheet";
        sheet.id = "sheet-" + ++sheets;
      }
      column = sheet.appendChild(document.createElement("div"));
      column.className = "column";
      room = tallest;
    }
    column.append(figure);
    room -= heights[n] + gap;
    if (alone) sheet = null;
  });
  return sheets;
}
