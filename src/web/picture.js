// SPDX-License-Identifier: BSD-3-Clause
//
// picture.js: decoded pictures as browsers show them: bitmaps, and how they are turned.
import { Decoder, decode } from './idf.js';
import { encodePng } from './png.js';

/**
 * An ImageBitmap of a file. If it says which colours its samples mean, as by an ICC profile, the
 * browser converts them, as it does for a PNG. The orientation is not applied.
 */
export async function createImageBitmap(data, options = {}) {
  const decoder = await Decoder.open(data, options);
  if (hasColours(decoder.metadata()))
    return globalThis.createImageBitmap(await encodePng(decoder, { colourOnly: true }));
  const { width, height, data: rgba } = await decode(data, options);
  return globalThis.createImageBitmap(new ImageData(rgba, width, height));
}

/** Whether metadata say which colours samples mean, so that a browser may have to convert them. */
export function hasColours(metadata) {
  return metadata.some(({ type }) => ['iCCP', 'gAMA', 'cHRM', 'cICP'].includes(type));
}

/** Width and height as shown, of a picture with this orientation (1 to 8, as Exif has it). */
export function orientedSize(width, height, orientation) {
  return orientation > 4 ? [height, width] : [width, height];
}

// Columns of the matrices that put a stored pixel where it is shown.
const TURNS = [[1, 0, 0, 1], [-1, 0, 0, 1], [-1, 0, 0, -1], [1, 0, 0, -1], [0, 1, 1, 0],
  [0, 1, -1, 0], [0, -1, -1, 0], [0, -1, 1, 0]];

/** Makes a 2D context of a canvas of orientedSize draw stored pixels where they are shown. */
export function orient(context, width, height, orientation) {
  const [a, b, c, d] = TURNS[orientation - 1] ?? TURNS[0];
  context.setTransform(a, b, c, d, a < 0 ? width : c < 0 ? height : 0,
    d < 0 ? height : b < 0 ? width : 0);
}
