// SPDX-License-Identifier: BSD-3-Clause
//
// facts.js: what a file is, in words for the panel: lists of [name, value].

const LAYOUTS = {
  gray: 'Gray', 'gray-alpha': 'Gray with alpha', rgb: 'Colour (RGB)', rgba: 'Colour with alpha',
  palette: 'Palette', cmyk: 'CMYK',
};
const EFFORTS = { 1: 'fast', 5: 'default', 9: 'max' };
const TURNS = ['', '', 'mirrored', 'turned by 180°', 'flipped', 'transposed',
  'turned by 90° to the right', 'transversed', 'turned by 90° to the left'];
const TYPES = {
  iCCP: 'Colour profile', eXIf: 'Exif', gAMA: 'Gamma', cHRM: 'Primaries', sRGB: 'sRGB',
  pHYs: 'Pixel size', tIME: 'Time', bKGD: 'Background', PLTE: 'Palette', tRNS: 'Transparency',
  sBIT: 'Significant bits', jpSg: 'JPEG segment', tEXt: 'Text', zTXt: 'Text', iTXt: 'Text',
};

export function bytes(n) {
  if (n < 1000) return `${n} bytes`;
  return n < 999500 ? `${(n / 1000).toPrecision(3)} kB` : `${(n / 1e6).toPrecision(3)} MB`;
}

const percent = (part, whole) => `${Math.round(100 * part / whole)} %`;

/** Sizes; `others`: sizes in bytes of other files of the same picture, by name. */
export function sizes(info, fileSize, others) {
  const pixels = info.width * info.height;
  const raw = Math.ceil(info.depth * info.channels * pixels / 8);
  const list = [['This file', bytes(fileSize)],
    ['Bits per pixel', (8 * fileSize / pixels).toFixed(2)],
    ['Uncompressed', `${bytes(raw)} (${percent(fileSize, raw)})`]];
  for (const [name, size] of Object.entries(others))
    list.push([name, `${bytes(size)} (${percent(fileSize, size)})`]);
  if (info.metadataBytes) list.push(['Metadata in it', bytes(info.metadataBytes)]);
  return list;
}

export function facts(info, orientation) {
  const list = [['Size', `${info.width} × ${info.height}`], ['Kind', LAYOUTS[info.layout]],
    ['Depth', `${info.depth} bits`], ['Effort', EFFORTS[info.effort] ?? String(info.effort)],
    ['Tiles', `${info.tilesAcross} × ${info.tilesDown}`]];
  if (orientation > 1) list.push(['Shown', TURNS[orientation]]);
  return list;
}

export function metadata({ metadata: pieces, texts }) {
  const list = texts.map(({ key, value }) => [key, value.length > 300 ? `${value.slice(0, 300)}…`
    : value]);
  for (const { type, data } of pieces)
    if (!/^[tzi]TXt$/.test(type)) list.push([TYPES[type] ?? type, bytes(data.length)]);
  return list;
}
