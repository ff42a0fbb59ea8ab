/* Points 15 and 16 from a picture of the page: how much of it is saturated, how much is red. Gives shares of all pixels.
   Colour by OKLab (Ottosson 2020): chroma is the distance from grey. */
async ({ picture, reds }) => {
  const image = new Image();
  image.src = `data:image/png;base64,${picture}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0);
  const data = pen.getImageData(0, 0, image.width, image.height).data;
  const linear = Array.from({ length: 256 }, (_, n) => { const v = n / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
  const known = new Map();
  const lab = (r, g, b) => {
    const [x, y, z] = [linear[r], linear[g], linear[b]];
    const l = Math.cbrt(0.4122214708 * x + 0.5363325363 * y + 0.0514459929 * z);
    const m = Math.cbrt(0.2119034982 * x + 0.6806995451 * y + 0.1073969566 * z);
    const s = Math.cbrt(0.0883024619 * x + 0.2817188376 * y + 0.6299787005 * z);
    return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s, 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
  };
  const wanted = reds.map((rgb) => lab(...rgb));
  const judge = (r, g, b) => {
    const key = (r << 16) | (g << 8) | b;
    if (!known.has(key)) {
      const here = lab(r, g, b);
      known.set(key, (Math.hypot(here[1], here[2]) > 0.08 ? 1 : 0) | (wanted.some((red) => Math.hypot(here[0] - red[0], here[1] - red[1], here[2] - red[2]) < 0.02) ? 2 : 0));
    }
    return known.get(key);
  };
  let saturated = 0, red = 0;
  for (let at = 0; at < data.length; at += 4) {
    const found = judge(data[at], data[at + 1], data[at + 2]);
    saturated += found & 1;
    red += found >> 1;
  }
  const all = data.length / 4;
  return { saturated: saturated / all, red: red / all };
}
