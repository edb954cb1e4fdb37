// SPDX-License-Identifier: BSD-3-Clause
//
// heat.js: a map of where the bits went. The scale ends where one pixel of two hundred has more, so
// that neither a few costly pixels darken the map nor a noisy photograph burns it out.

// From few bits to many: steps of even lightness, so that the map reads without colours, too.
const STOPS = [[10, 12, 26], [50, 24, 105], [120, 33, 120], [190, 55, 90], [236, 105, 50],
  [250, 175, 60], [252, 244, 190]];

/** 256 colours, R, G, B. */
export const COLOURS = Uint8ClampedArray.from({ length: 768 }, (_, i) => {
  const place = (Math.floor(i / 3) / 255) * (STOPS.length - 1);
  const stop = Math.min(Math.floor(place), STOPS.length - 2), part = place - stop;
  return STOPS[stop][i % 3] * (1 - part) + STOPS[stop + 1][i % 3] * part;
});

/** The bits that the brightest colour stands for, at least 1. */
export function topOf(bits) {
  const step = Math.max(1, Math.floor(bits.length / 100000));
  const some = Float32Array.from({ length: Math.ceil(bits.length / step) },
    (_, i) => bits[i * step]).sort();
  return Math.max(1, some[Math.floor(some.length * 0.995)]);
}

/** R, G, B, A of each pixel. */
export function heat(bits, top) {
  const out = new Uint8ClampedArray(4 * bits.length);
  for (let i = 0; i < bits.length; i++) {
    const c = 3 * Math.round(255 * Math.min(1, Math.max(0, bits[i] / top)));
    out[4 * i] = COLOURS[c];
    out[4 * i + 1] = COLOURS[c + 1];
    out[4 * i + 2] = COLOURS[c + 2];
    out[4 * i + 3] = 255;
  }
  return out;
}
