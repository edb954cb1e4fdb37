// SPDX-License-Identifier: BSD-3-Clause
//
// speed.mjs: a photograph decodes several times faster with SIMD than without: compilers that were
// told to make kernels small would undo that, and nothing else would show it.
import { execFileSync } from 'node:child_process';
import { bin, dist, finish, report, src } from './common.mjs';

const { Decoder } = await import(`${dist}/idf.js`);
const file = execFileSync(`${bin}/cidf`,
  ['-q', '--no-history', `${src}/samples/photo-ycc.png`, '-o', '-']);

async function seconds(simd) {
  const before = process.cpuUsage();
  const decoder = await Decoder.open(file, { simd });
  decoder.rows();
  decoder.finish();
  return process.cpuUsage(before).user / 1e6;
}

const least = [Infinity, Infinity];
for (let i = 0; i < 3; i++)
  for (const simd of [false, true])
    least[Number(simd)] = Math.min(least[Number(simd)], await seconds(simd));
const times = least[0] / least[1];
report('SIMD makes photographs at least three times as fast', times >= 3 ? ''
  : `${times.toFixed(2)} times`);
finish();
