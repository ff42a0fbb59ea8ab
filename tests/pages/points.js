/* The measurable ones of the forty points, taken from the page as it stands. Gives { point: [what is wrong] }. */
(phone) => {
  const wrong = {};
  const say = (point, text) => { (wrong[point] ||= []).push(text); };
  const seen = (node) => {
    const style = getComputedStyle(node), box = node.getBoundingClientRect();
    return style.visibility !== "hidden" && style.display !== "none" && box.width > 0 && box.height > 0 && !node.closest(".unseen, dialog:not([open]), .skip, noscript");
  };
  const name = (node) => `${node.tagName.toLowerCase()}${node.id ? `#${node.id}` : ""}.${[...node.classList].join(".")} "${(node.textContent || "").trim().slice(0, 24)}"`;
  const all = [...document.body.querySelectorAll("*")].filter((node) => !node.closest("svg") || node.tagName === "svg").filter(seen);

  if (!document.title.trim() || !document.querySelector("h1")) say(1, "no title or heading");
  const urgent = document.querySelector('[data-group="missed"] .count');
  if (urgent && !phone && !/^\d+ missed/.test(document.title)) say(1, `the tab does not carry the count: ${document.title}`);
  if (document.documentElement.scrollWidth > innerWidth) say(3, `${document.documentElement.scrollWidth} wide in ${innerWidth}`);

  const work = (phone && document.querySelector(".opened .conversation .post")) || [...document.querySelectorAll("#rows .row, .verdict h1, .conversation .post, main > .head + *, main form, main ol")].find(seen);
  const top = work && seen(work) ? work : null;
  if (!top) say(4, "no work is seen at all");
  if (top && top.getBoundingClientRect().top + scrollY > (phone ? 120 : 160)) say(4, `work begins at ${top.getBoundingClientRect().top}`);

  for (const panel of document.querySelectorAll("#rows, .context, .page")) {
    const edges = new Set();
    for (const node of panel.querySelectorAll(":scope > h2, :scope > p, :scope > table, :scope > form, :scope > ul, :scope > ol, :scope > section > h2, :scope > section > p, :scope > section > ul, .row > .first, .row > .second"))
      if (seen(node)) edges.add(Math.round(node.getBoundingClientRect().left / 2));
    if (edges.size > 3) say(5, `${edges.size} left edges in ${name(panel)}`);
  }

  const steps = new Set(["0px", "4px", "8px", "12px", "16px", "24px", "32px", "48px", "auto", "normal", "0"]);
  const sides = ["margin-top", "margin-right", "margin-bottom", "margin-left", "padding-top", "padding-right", "padding-bottom", "padding-left", "row-gap", "column-gap"];
  for (const node of all) {
    if (["SELECT", "OPTION", "INPUT", "SUMMARY", "KBD", "BODY"].includes(node.tagName) || node.matches(".chip *")) continue;
    const map = node.computedStyleMap();
    for (const side of sides) {
      const value = String(map.get(side) ?? "0");
      if (!steps.has(value) && !value.startsWith("-") && !value.startsWith("calc")) say(6, `${name(node)} ${side} ${value}`);
    }
  }

  const boxed = (node) => {
    const style = getComputedStyle(node);
    return ["Top", "Right", "Bottom", "Left"].every((side) => parseFloat(style[`border${side}Width`]) > 0 && !/, 0\)|transparent/.test(style[`border${side}Color`]));
  };
  for (const node of all.filter(boxed)) {
    let depth = 0;
    for (let at = node; at && at !== document.body; at = at.parentElement) if (boxed(at)) depth += 1;
    if (depth > 2) say(7, `${name(node)} is ${depth} boxes deep`);
  }

  const rows = [...document.querySelectorAll("#rows .row")];
  if (rows.length >= 13 && !phone) {
    const low = document.getElementById("rows").getBoundingClientRect().bottom;
    const whole = rows.filter((row) => row.getBoundingClientRect().bottom <= Math.min(low, innerHeight) + 1).length;
    if (whole < 13) say(8, `${whole} rows`);
  }
  for (const table of document.querySelectorAll(".table:not(.cards)")) {
    const lines = [...table.tBodies[0].rows];
    if (phone || lines.length < 18 || table.getBoundingClientRect().top > innerHeight) continue;
    const whole = lines.filter((line) => line.getBoundingClientRect().bottom <= innerHeight).length;
    if (whole < 18) say(8, `${whole} rows of a table`);
  }
  const fold = document.querySelector("#live .triple")?.getBoundingClientRect().bottom;
  if (fold && !phone && fold > innerHeight) say(8, `what is above the fold of the live page ends at ${fold}`);

  const sizes = new Set(), weights = new Set();
  for (const node of all) {
    const own = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
    const box = node.getBoundingClientRect();
    if (!own || box.top > innerHeight || box.bottom < 0) continue;
    const style = getComputedStyle(node);
    sizes.add(style.fontSize);
    weights.add(style.fontWeight);
    if (parseFloat(style.fontSize) < 12) say(9, `${name(node)} is ${style.fontSize}`);
  }
  if (sizes.size > 4) say(9, `sizes ${[...sizes]}`);
  if (weights.size > 3) say(9, `weights ${[...weights]}`);

  for (const text of document.querySelectorAll(".post .text")) {
    const node = text.firstChild;
    if (!node || node.nodeType !== Node.TEXT_NODE) continue;
    const range = document.createRange();
    let line = -1, count = 0, most = 0;
    for (let n = 0; n < Math.min(node.length, 600); n += 1) {
      range.setStart(node, n); range.setEnd(node, n + 1);
      const y = Math.round(range.getBoundingClientRect().top);
      if (y !== line) { line = y; count = 0; }
      most = Math.max(most, ++count);
    }
    if (most > 80) say(11, `${most} characters in a line`);
  }

  const probe = document.createElement("i");
  document.body.append(probe);
  const role = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; };
  const roles = new Map(["good", "soon", "missed", "held"].map((name) => [role(name), name]));
  const MEANS_MISSED = ".clock.missed, .chip.missed, .finding.block, .band.stopped, .errors, .wrong, .over, .danger, [aria-invalid=true]";
  for (const node of all) {
    const own = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
    const name_ = own && roles.get(getComputedStyle(node).color);
    if (!name_) continue;
    const holder = node.closest(".chip, .clock, .finding, .band, .button, .lagging, .changed, .errors, .wrong, .over, .livebar, .hit, p, li") || node;
    if (!holder.querySelector("svg") && !holder.matches(".errors, .wrong, .over, .livebar, .hit") && !holder.closest(".errors")) say(14, `${name(node)} is ${name_} by colour alone`);
    if (name_ === "missed" && !node.closest(MEANS_MISSED)) say(16, `${name(node)} is red and neither missed nor blocked`);
  }
  probe.remove();

  for (const clock of document.querySelectorAll(".clock")) {
    if (!seen(clock)) continue;
    const words = clock.textContent;
    if (!clock.querySelector("svg") || !/\d/.test(words) && !/paused|no promise/.test(words)) say(19, `a clock says "${words.trim()}"`);
    if (clock.classList.contains("paused") && !/·/.test(words)) say(21, `a paused clock does not say who is waited for`);
  }
  for (const head of document.querySelectorAll('.group[data-group="missed"] h2, .group[data-group="soon"] h2')) if (!head.querySelector(".count")) say(20, "a head without count");
  const order = [...document.querySelectorAll(".group")].map((group) => ["missed", "soon", "later", "waiting", "snoozed", "closed"].indexOf(group.dataset.group));
  if (order.some((place, n) => n && place < order[n - 1])) say(20, `groups in the order ${order}`);

  for (const figure of document.querySelectorAll(".figure")) {
    const digits = figure.textContent.replace(/[^\d.]/g, "");
    if (digits.includes(".") && digits.replace(".", "").replace(/^0+/, "").length > 3) say(26, `figure ${figure.textContent}`);
    if (!/target|usual/.test(figure.closest(".tile").textContent)) say(23, `${figure.textContent} has no target or usual`);
  }
  if (document.querySelector(".tiles") && !/as of \d\d:\d\d:\d\d/.test(document.body.textContent)) say(31, "no as of");

  const copy = document.querySelector("main")?.cloneNode(true);
  copy?.querySelectorAll("details, pre, code, .post .text, .row .second, blockquote").forEach((node) => node.remove());
  const words = /\b(journal|checkpoint|merkle|cel|crypto-shred|backlog|adapter|facts?)\b/i.exec(copy?.textContent || "");
  if (words) say(38, `the page says "${words[0]}"`);

  const composer = document.querySelector("[data-composer]");
  if (composer && !/(Public reply|Private message|Private reply|Note)/.test(composer.querySelector(".says").textContent)) say(37, "the band does not say who speaks");

  const least = phone ? 44 : 24;
  for (const node of all.filter((one) => one.matches(".button, select, .thumb a, .row, textarea, input:not([type=checkbox], [type=radio], [type=hidden])"))) {
    const box = node.getBoundingClientRect();
    if (Math.round(box.height) < least) say(40, `${name(node)} is ${Math.round(box.height)} high`);
  }
  return wrong;
}
