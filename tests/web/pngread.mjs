// SPDX-License-Identifier: BSD-3-Clause
//
// pngread.mjs: takes a PNG apart, for tests: chunks, and the rows as they are stored, unfiltered.
import { inflateSync } from 'node:zlib';

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

function unfilter(data, rowBytes, step) {
  const count = data.length / (rowBytes + 1), out = Buffer.alloc(count * rowBytes);
  for (let y = 0; y < count; y++) {
    const filter = data[y * (rowBytes + 1)], row = y * rowBytes;
    for (let i = 0; i < rowBytes; i++) {
      const a = i < step ? 0 : out[row + i - step], b = y ? out[row - rowBytes + i] : 0;
      const c = i < step || !y ? 0 : out[row - rowBytes + i - step];
      const pa = Math.abs(b - c), pb = Math.abs(a - c), pc = Math.abs(a + b - 2 * c);
      const guess = [0, a, b, a + b >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][filter];
      out[row + i] = data[y * (rowBytes + 1) + 1 + i] + guess;
    }
  }
  return out;
}

/** {width, height, depth, channels, chunks: [{type, data}] without IDAT, rows}. */
export function readPng(bytes) {
  const file = Buffer.from(bytes), chunks = [], idat = [];
  for (let at = 8; at < file.length;) {
    const size = file.readUInt32BE(at), type = file.toString('latin1', at + 4, at + 8);
    const whole = file.subarray(at, at + 12 + size);
    if (type === 'IDAT') idat.push(file.subarray(at + 8, at + 8 + size));
    else chunks.push({ type, whole });
    at += 12 + size;
  }
  const head = chunks[0].whole;
  const width = head.readUInt32BE(8), height = head.readUInt32BE(12), depth = head[16];
  const channels = CHANNELS[head[17]];
  const rows = unfilter(inflateSync(Buffer.concat(idat)), Math.ceil(width * channels * depth / 8),
    Math.max(1, channels * depth >> 3));
  return { width, height, depth, channels, chunks, rows };
}
