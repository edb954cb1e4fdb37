// SPDX-License-Identifier: BSD-3-Clause
//
// png.mjs: the PNG of png.js has the rows and the chunks of didf's; and what no PNG can hold, such
// as CMYK, becomes R, G, B, A.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { bin, dist, finish, report, src } from './common.mjs';
import { readPng } from './pngread.mjs';

const { Decoder, decode } = await import(`${dist}/idf.js`);
const { encodePng, pngHolds } = await import(`${dist}/png.js`);

async function trouble(path) {
  const file = readFileSync(path), decoder = await Decoder.open(file);
  const png = readPng(await (await encodePng(decoder)).arrayBuffer());
  if (!pngHolds(decoder.info)) {
    const { data } = await decode(file);
    const same = png.depth === 16 ? data.every((v, i) => Math.abs(png.rows[2 * i] - v) <= 1)
      : Buffer.from(data).equals(png.rows);
    return same ? '' : 'other pixels than decode() gives';
  }
  const want = readPng(execFileSync(`${bin}/didf`, ['-q', '--format=png', path, '-o', '-'],
    { maxBuffer: 1 << 28 }));
  if (!want.rows.equals(png.rows)) return 'other rows than in the PNG of didf';
  const types = (p) => p.chunks.map(({ type }) => type).join(' ');
  if (types(want) !== types(png)) return `chunks ${types(png)}, where didf has ${types(want)}`;
  return want.chunks.every(({ whole }, i) => whole.equals(png.chunks[i].whole)) ? ''
    : 'other chunks than in the PNG of didf';
}

for (const line of readFileSync(`${src}/tests/golden/LIST`, 'utf8').split('\n')) {
  const [group, name] = line.split(/ +/);
  if (group !== 'good') continue;
  let result;
  try {
    result = await trouble(`${src}/tests/golden/good-${name}.idf`);
  } catch (error) {
    result = error.stack;
  }
  report(`the PNG of good-${name}`, result);
}
finish();
