// SPDX-License-Identifier: BSD-3-Clause
//
// golden.mjs: every golden file through both modules, in Node: the samples and the JPEG files that
// didf gives, and an error where it refuses.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { report, finish, src, bin, dist } from './common.mjs';

const { Decoder, IdfError, version } = await import(`${dist}/idf.js`);
const golden = `${src}/tests/golden`;
const refusals = {
  notidf: 'NOT_IDF', damaged: 'CORRUPT', short: 'TRUNCATED', newer: 'UNSUPPORTED',
};

const didf = (...args) => {
  try {
    return execFileSync(`${bin}/didf`, args,
      { stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
  } catch (error) {
    if (error.status === 2) return error.stdout; // a warning: a PAM has no place for metadata
    if (error.status === 1) return null; // a picture that this format cannot hold
    throw error;
  }
};

// The PAM that tests/machines/again writes.
function pam({ width, height, channels, layout, depth }, metadata, samples) {
  const max1 = metadata.find((m) => m.type === 'max1')?.data;
  const maxval = max1 ? max1[0] | max1[1] << 8 : 2 ** depth - 1;
  const tuples = {
    gray: 'GRAYSCALE', 'gray-alpha': 'GRAYSCALE_ALPHA', rgb: 'RGB', rgba: 'RGB_ALPHA',
    palette: 'GRAYSCALE', cmyk: 'CMYK',
  };
  const bilevel = maxval === 1 && layout.startsWith('gray');
  const tuple = bilevel ? `BLACKANDWHITE${layout === 'gray' ? '' : '_ALPHA'}` : tuples[layout];
  const head = `P7\nWIDTH ${width}\nHEIGHT ${height}\nDEPTH ${channels}\nMAXVAL ${maxval}\n`
    + `TUPLTYPE ${tuple}\nENDHDR\n`;
  const body = maxval > 255 ? Buffer.from(Uint16Array.from(samples).buffer).swap16()
    : Buffer.from(Uint8Array.from(samples));
  return Buffer.concat([Buffer.from(head), body]);
}

async function decode(file, options) {
  const decoder = await Decoder.open(file, options);
  const samples = decoder.rows(decoder.info.height >> 1);
  const rest = decoder.rows();
  decoder.finish();
  const all = new samples.constructor(samples.length + rest.length);
  all.set(samples);
  all.set(rest, samples.length);
  return pam(decoder.info, decoder.metadata(), all);
}

const tries = {
  async good(name, simd, proof) {
    const path = `${golden}/good-${name}.idf`, file = readFileSync(path);
    const now = await decode(file, { simd });
    const want = didf('-q', '--format=pam', path, '-o', '-');
    if (want && !want.equals(now)) return 'other samples than didf gives';
    if (!/\.png$/.test(proof)
      && createHash('sha256').update(now).digest('hex') !== proof.replace(/^.*:/, ''))
      return 'other samples than those of the LEDGER';
    const original = (await Decoder.open(file, { simd })).original();
    if (!original) return want || !/jpg/.test(proof) ? '' : 'the JPEG is missing';
    return didf('-q', '--format=jpeg', path, '-o', '-').equals(original) ? '' : 'another JPEG';
  },
  async keep(name, simd) {
    const path = `${golden}/bad-${name}.idf`, file = readFileSync(path);
    const want = didf('-q', '--keep-going', '--format=pam', path, '-o', '-');
    const decoder = await Decoder.open(file, { simd, keepGoing: true });
    const rows = decoder.rows();
    return want.equals(pam(decoder.info, decoder.metadata(), rows)) ? '' : 'other samples';
  },
};
// The same as the good file that LIST names.
tries.same = async (name, simd, good) => {
  const files = [`same-${name}`, `good-${good}`].map((f) => readFileSync(`${golden}/${f}.idf`));
  const [a, b] = await Promise.all(files.map((file) => decode(file, { simd })));
  const [p, q] = await Promise.all(files.map(async (file) =>
    (await Decoder.open(file, { simd })).original()));
  const same = a.equals(b) && (p ? q && Buffer.from(p).equals(q) : !q);
  return same ? '' : `other than good-${good}`;
};
tries.bad = tries.unsupported = async (name, simd, reason, kind) => {
  try {
    const decoder = await Decoder.open(readFileSync(`${golden}/${kind}-${name}.idf`), { simd });
    if (decoder.info.originalBytes) decoder.original();
    else decoder.rows();
    decoder.finish();
    return 'it is not refused';
  } catch (error) {
    if (!(error instanceof IdfError)) throw error;
    if (error.code !== refusals[reason]) return `refused as ${error.code}: ${error.message}`;
    return error.message.length > 8 ? '' : `no words: ${error.message}`;
  }
};

const ledger = new Map(readFileSync(`${golden}/LEDGER`, 'utf8').split('\n')
  .map((line) => line.split(' ')).map((words) => [words[0], words[3]]));
for (const simd of [false, true]) {
  const kind = simd ? 'with SIMD' : 'without SIMD';
  const { simd: used } = await version({ simd });
  report(`the module ${kind} uses ${simd ? '128 bits' : 'none'}`,
    used === simd ? '' : `simd: ${used}`);
  for (const line of readFileSync(`${golden}/LIST`, 'utf8').split('\n')) {
    if (!line || line.startsWith('#')) continue;
    const [group, name, what] = line.split(/ +/);
    let trouble;
    try {
      trouble = await tries[group](name, simd, group === 'good' ? ledger.get(name) : what, group);
    } catch (error) {
      trouble = error.stack;
    }
    report(`${group}-${name} ${kind}`, trouble);
  }
}

// Where the stored pixel (0, 0) of 3 x 2, the next to the right and the next below are shown.
const { orient, orientedSize } = await import(`${dist}/picture.js`);
const shown = ['00 10 01', '20 10 21', '21 11 20', '01 11 00', '00 01 10', '10 11 00', '12 11 02',
  '02 01 12'];
for (let n = 1; n <= 8; n++) {
  let m;
  orient({ setTransform: (...all) => { m = all; } }, 3, 2, n);
  const at = [[0.5, 0.5], [1.5, 0.5], [0.5, 1.5]].map(([x, y]) =>
    [m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]].map(Math.floor).join('')).join(' ');
  const size = orientedSize(3, 2, n).join();
  report(`orientation ${n} turns as it says`,
    at === shown[n - 1] && size === (n > 4 ? '2,3' : '3,2') ? '' : `${at}, ${size}`);
}
finish();
