// SPDX-License-Identifier: BSD-3-Clause
//
// levels.mjs: runs levels.wasm, the unit tests of levels.c, and reports each as a case. The program
// needs of a system only that it can write and end.
import { readFileSync, writeSync } from 'node:fs';
import { build, first } from './common.mjs';

class Exit extends Error {
  constructor(status) { super(`exit ${status}`); this.status = status; }
}

let exports, text = '';
const wasi = {
  fd_write(fd, vectors, count, written) {
    const view = new DataView(exports.memory.buffer);
    let size = 0;
    for (let i = 0; i < count; i++) {
      const at = view.getUint32(vectors + 8 * i, true);
      const length = view.getUint32(vectors + 8 * i + 4, true);
      text += Buffer.from(exports.memory.buffer, at, length).toString();
      size += length;
    }
    view.setUint32(written, size, true);
    return 0;
  },
  proc_exit(status) { throw new Exit(status); },
};

const module = new WebAssembly.Module(readFileSync(`${build}/src/web/levels.wasm`));
const imports = {};
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
  imports[from] ??= {};
  imports[from][name] = wasi[name] ?? (() => 0);
}
exports = new WebAssembly.Instance(module, imports).exports;
let status = 0;
try {
  exports._start();
} catch (error) {
  if (!(error instanceof Exit)) throw error;
  status = error.status;
} finally {
  let n = first;
  text = text.replace(/^((?:not )?ok) \d+ - /gm, (_, word) => `${word} ${++n} - in Node: `);
  writeSync(1, text);
}
process.exit(status);
