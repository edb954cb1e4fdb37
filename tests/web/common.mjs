// SPDX-License-Identifier: BSD-3-Clause
//
// common.mjs: what the tests of src/web share: where things are, and numbered result lines.
import { fileURLToPath } from 'node:url';

export const src = process.env.IDF_SRC ?? fileURLToPath(new URL('../..', import.meta.url));
export const build = process.env.IDF_BUILD ?? src;
export const bin = process.env.IDF_BIN ?? build;
export const dist = `${build}/src/web/dist`;

/** The number of the last case that another part reported. */
export const first = Number(process.env.IDF_CASES ?? 0);

let cases = first, failures = 0;

/** Reports one case; trouble '' means that it passed. */
export function report(what, trouble) {
  cases++;
  console.log(`${trouble ? 'not ok' : 'ok'} ${cases} - ${what}`);
  if (!trouble) return;
  failures++;
  console.log(String(trouble).replace(/^/gm, '# '));
}

/** Ends the process with the result. */
export function finish() {
  process.exit(failures ? 1 : 0);
}
