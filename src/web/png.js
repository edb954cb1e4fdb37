// SPDX-License-Identifier: BSD-3-Clause
//
// png.js: a PNG of what a decoder gives: the same samples, depth and chunks that didf writes; of
// pictures that no PNG can hold, R, G, B, A with 8 or 16 bits. Compression is the platform's.

const COLOUR_TYPES = { gray: 0, rgb: 2, palette: 3, 'gray-alpha': 4, rgba: 6 };
// What stays true of R, G, B, A.
const GENERAL = new Set(['gAMA', 'cHRM', 'sRGB', 'pHYs', 'tIME', 'eXIf', 'tEXt', 'zTXt', 'iTXt']);
// What says which colours the samples mean.
const COLOUR = new Set(['PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'cICP', 'sBIT', 'mDCV',
  'cLLI']);
const BATCH = 64; // rows

const CRCS = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ n >>> 1 : n >>> 1;
  return n;
});

function chunk(type, data) {
  const out = new Uint8Array(12 + data.length), view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  let crc = 0xffffffff;
  for (let i = 4; i < 8 + data.length; i++) crc = CRCS[(crc ^ out[i]) & 255] ^ crc >>> 8;
  view.setUint32(8 + data.length, ~crc);
  return out;
}

/** Whether a PNG can hold the samples as they are. */
export function pngHolds({ layout, depth }) {
  if ([1, 2, 4].includes(depth)) return layout === 'gray' || layout === 'palette';
  return (depth === 8 && layout !== 'cmyk') || (depth === 16 && layout in COLOUR_TYPES
    && layout !== 'palette');
}

// Samples as PNG stores them: packed below 8 bits, high byte first above.
function packed(samples, perRow, depth) {
  if (depth === 8) return new Uint8Array(samples.buffer, samples.byteOffset, samples.length);
  if (depth === 16) {
    const out = new Uint8Array(2 * samples.length);
    for (let i = 0; i < samples.length; i++) {
      out[2 * i] = samples[i] >> 8;
      out[2 * i + 1] = samples[i];
    }
    return out;
  }
  const bytes = Math.ceil(perRow * depth / 8);
  const out = new Uint8Array(bytes * samples.length / perRow);
  for (let i = 0; i < samples.length; i++) {
    const x = i % perRow, at = (i - x) / perRow * bytes + (x * depth >> 3);
    out[at] |= samples[i] << 8 - depth - x * depth % 8;
  }
  return out;
}

// The filters of PNG for one row; `up` is the row above, `step` the bytes of a pixel.
const FILTERS = [
  (row, up, step, out) => out.set(row),
  (row, up, step, out) => {
    for (let i = 0; i < row.length; i++) out[i] = row[i] - (i < step ? 0 : row[i - step]);
  },
  (row, up, step, out) => {
    for (let i = 0; i < row.length; i++) out[i] = row[i] - up[i];
  },
  null, // the average hardly ever wins
  (row, up, step, out) => {
    for (let i = 0; i < row.length; i++) {
      const a = i < step ? 0 : row[i - step], b = up[i], c = i < step ? 0 : up[i - step];
      const pa = Math.abs(b - c), pb = Math.abs(a - c), pc = Math.abs(a + b - 2 * c);
      out[i] = row[i] - (pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
    }
  },
];

function cost(bytes) {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum += bytes[i] < 128 ? bytes[i] : 256 - bytes[i];
  return sum;
}

// A state machine of rows: filtered(rows) gives what is to be deflated.
function filterer(rowBytes, step, plain) {
  const tries = FILTERS.map(() => new Uint8Array(rowBytes));
  let up = new Uint8Array(rowBytes);
  return (rows) => {
    const count = rows.length / rowBytes, out = new Uint8Array(count * (rowBytes + 1));
    for (let y = 0; y < count; y++) {
      const row = rows.subarray(y * rowBytes, (y + 1) * rowBytes);
      let best = 0, least = Infinity;
      for (const f of plain ? [0] : [1, 2, 4]) {
        FILTERS[f](row, up, step, tries[f]);
        const sum = plain ? 0 : cost(tries[f]);
        if (sum < least) [best, least] = [f, sum];
      }
      out[y * (rowBytes + 1)] = best;
      out.set(tries[best], y * (rowBytes + 1) + 1);
      up = row;
    }
    return out;
  };
}

/**
 * Makes a PNG of a decoder that has given no rows yet. colourOnly leaves out all metadata but those
 * that say what the samples mean.
 */
export async function encodePng(decoder, { colourOnly = false } = {}) {
  const { width, height, layout, depth, channels } = decoder.info;
  const exact = pngHolds(decoder.info);
  const bits = exact ? depth : depth > 8 ? 16 : 8, samples = exact ? channels : 4;
  const take = exact ? (n) => decoder.rows(n)
    : bits === 16 ? (n) => decoder.rgba16(n) : (n) => decoder.rgba(n);
  const wanted = ({ type }) => /^[A-Za-z]{4}$/.test(type) && (exact || GENERAL.has(type))
    && (!colourOnly || COLOUR.has(type));
  const chunks = [new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10])];
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, bits);
  header.setUint8(9, exact ? COLOUR_TYPES[layout] : 6);
  chunks.push(chunk('IHDR', new Uint8Array(header.buffer)));
  for (const piece of decoder.metadata().filter(wanted)) chunks.push(chunk(piece.type, piece.data));

  const deflate = new CompressionStream('deflate');
  const idat = (async () => {
    for (const reader = deflate.readable.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) return;
      chunks.push(chunk('IDAT', value));
    }
  })();
  const writer = deflate.writable.getWriter();
  const filtered = filterer(Math.ceil(width * samples * bits / 8), Math.max(1, samples * bits >> 3),
    layout === 'palette' || bits < 8);
  try {
    while (decoder.rowsLeft)
      await writer.write(filtered(packed(take(BATCH), width * samples, bits)));
    decoder.finish();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    await idat.catch(() => {});
    throw error;
  }
  await Promise.all([writer.close(), idat]);
  for (const piece of decoder.metadata().filter((m) => m.afterPixels && wanted(m)))
    chunks.push(chunk(piece.type, piece.data));
  chunks.push(chunk('IEND', new Uint8Array(0)));
  return new Blob(chunks, { type: 'image/png' });
}
