// SPDX-License-Identifier: BSD-3-Clause
//
// web.mjs: the speed of the decoder for browsers, in Node, against didf on one thread at the same
// level of SIMD, 128 bits. Run by hand, after `make web`:
//
//   node tests/bench/web.mjs FILE.idf...
//
// Times are CPU seconds of the fastest of some runs that alternate. The module is warm: the first
// run, in which its code is compiled, is shown apart.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { bin, dist } from '../web/common.mjs';

const { Decoder } = await import(`${dist}/idf.js`);
const rounds = 3;

async function web(file, simd) {
  const before = process.cpuUsage();
  const decoder = await Decoder.open(file, { simd });
  while (decoder.rowsLeft) decoder.rows(64);
  decoder.finish();
  const { user, system } = process.cpuUsage(before);
  return [(user + system) / 1e6, decoder.info.width * decoder.info.height / 1e6];
}

function native(path) {
  const script = '"$1" -qt --simd=128 "$2" && times';
  const { stdout, status } = spawnSync('sh', ['-c', script, 'sh', `${bin}/didf`, path]);
  if (status) throw new Error(`didf cannot decode ${path}`);
  const [user, system] = stdout.toString().split('\n')[1].split(' ')
    .map((t) => t.match(/(\d+)m([\d.]+)s/)).map(([, m, s]) => 60 * m + Number(s));
  return user + system;
}

console.log('file'.padEnd(24), 'MP', 'first', 'simd', 'plain', 'didf', '(MP/s)', 'simd/didf');
let all = { pixels: 0, web: 0, native: 0 };
for (const path of process.argv.slice(2)) {
  const file = readFileSync(path);
  const [first, pixels] = await web(file, true);
  const [, ] = await web(file, false);
  const best = [Infinity, Infinity, Infinity];
  for (let i = 0; i < rounds; i++) {
    best[0] = Math.min(best[0], (await web(file, true))[0]);
    best[1] = Math.min(best[1], (await web(file, false))[0]);
    best[2] = Math.min(best[2], native(path));
  }
  all = { pixels: all.pixels + pixels, web: all.web + best[0], native: all.native + best[2] };
  console.log(path.replace(/^.*\//, '').padEnd(24), pixels.toFixed(2),
    ...[first, ...best].map((t) => (pixels / t).toFixed(3)), (best[2] / best[0]).toFixed(2));
}
console.log('all'.padEnd(24), all.pixels.toFixed(2), 'simd/didf',
  (all.native / all.web).toFixed(2));
