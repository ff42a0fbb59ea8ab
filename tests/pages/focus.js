// What is wrong with the focus as it stands: no ring, too thin, too faint, out of sight, or covered by what sticks.
() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const style = getComputedStyle(node), box = node.getBoundingClientRect();
  const rgb = (words) => words.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  let behind = node.parentElement;
  while (behind && (rgb(getComputedStyle(behind).backgroundColor)[3] ?? 1) < 1) behind = behind.parentElement;
  const ground = light(behind ? rgb(getComputedStyle(behind).backgroundColor) : [255, 255, 255]);
  const ring = light(rgb(style.outlineColor));
  const ratio = (Math.max(ring, ground) + 0.05) / (Math.min(ring, ground) + 0.05);
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const faults = [];
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) faults.push("no ring of 2 px");
  else if (ratio < 3) faults.push(`ring of ${ratio.toFixed(2)} to 1`);
  if (box.bottom <= 0 || box.top >= innerHeight) faults.push("out of sight");
  else if (top && !node.contains(top) && !top.contains(node) && !(node.labels && [...node.labels].some((l) => l.contains(top)))) faults.push(`covered by ${top.outerHTML.slice(0, 80)}`);
  return [node.outerHTML.slice(0, 100), faults];
}
