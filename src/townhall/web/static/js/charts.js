/* Posts by minute or hour as a line, the usual as a band behind it; the youngest slot is a hollow point. Drawn by uPlot. */
(() => {
  const drawn = new WeakMap();
  const HEIGHT = 88;

  /* Colours come from the theme through the element's own style: canvas knows no variables. */
  function colours(place) {
    const style = getComputedStyle(place);
    return { line: style.color, band: style.borderTopColor, words: style.outlineColor, paper: style.backgroundColor };
  }

  function band(plot, low, high, colour) {
    if (high === null) return;
    const top = plot.valToPos(high, "y", true), bottom = plot.valToPos(low, "y", true);
    plot.ctx.save();
    plot.ctx.fillStyle = colour;
    plot.ctx.fillRect(plot.bbox.left, top, plot.bbox.width, Math.max(bottom - top, 1));
    plot.ctx.restore();
  }

  function draw(place, data) {
    const hue = colours(place), font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const zone = document.body.dataset.zone || "UTC";
    const axis = { stroke: hue.words, font, grid: { show: false }, ticks: { show: false }, gap: 4 };
    const last = data.slots.length - 1;
    const words = { timeZone: zone, ...(data.step < 86400 ? { hour: "2-digit", minute: "2-digit" } : { weekday: "short" }) };
    const marks = (from, to) => { const found = []; for (let at = Math.ceil(from / data.step) * data.step; at <= to; at += data.step) found.push(at); return found; };
    return new uPlot({
      width: place.clientWidth, height: HEIGHT, legend: { show: false }, padding: [8, 20, 0, 0],
      cursor: { show: false }, select: { show: false },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
      scales: { x: { time: true }, y: { range: () => [0, place.top] } },
      axes: [
        { ...axis, size: 20, splits: (plot, n, from, to) => marks(from, to), values: (plot, found) => found.map((at) => new Intl.DateTimeFormat("en-GB", words).format(at * 1000)) },
        { ...axis, size: 32, splits: () => [0, Math.max(1, Math.round(place.top))], values: (plot, found) => found.map((n) => String(n)) },
      ],
      series: [{}, { stroke: hue.line, width: 1.5, points: { show: true, size: 6, width: 1.5, stroke: hue.line, fill: hue.paper, filter: () => [last] } }],
      hooks: { drawClear: [(plot) => band(plot, place.low, place.high, hue.band)] },
    }, [data.slots, data.posts], place);
  }

  /* Draws what is new and feeds what is there; nothing is redrawn that did not change. */
  Townhall.plots = (anew) => {
    if (!window.uPlot) return;
    for (const place of document.querySelectorAll("[data-plot]")) {
      const held = drawn.get(place), said = place.dataset.plot;
      if (held && held.said === said && !anew) continue;
      const data = JSON.parse(said);
      Object.assign(place, { top: data.top, low: data.low, high: data.high });
      if (held && !anew) { held.said = said; held.plot.setData([data.slots, data.posts]); continue; }
      held?.plot.destroy();
      drawn.set(place, { said, plot: draw(place, data) });
    }
  };
  Townhall.plots();
  let waits = 0;
  addEventListener("resize", () => { clearTimeout(waits); waits = setTimeout(() => Townhall.plots(true), 150); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => Townhall.plots(true));
})();
