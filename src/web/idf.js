// SPDX-License-Identifier: BSD-3-Clause
//
// idf.js: decodes .idf pictures. The work is done by the C library, compiled to WebAssembly, one
// module with SIMD and one without; this file chooses, loads and calls it, and needs nothing of a
// page: it runs in windows, in workers of all kinds, and in Node. The lists of names here are
// those of web.h, idf.h and idf_status.h, in the same order.

const STATUSES = ['OK', 'NOT_IDF', 'UNSUPPORTED', 'CORRUPT', 'TRUNCATED', 'LIMIT', 'MEMORY', 'IO',
  'ARGUMENT', 'CANCELLED'];
const LAYOUTS = ['gray', 'gray-alpha', 'rgb', 'rgba', 'palette', 'cmyk'];
const FACTS = ['width', 'height', 'layout', 'depth', 'channels', 'rowBytes', 'tileSide',
  'tilesAcross', 'tilesDown', 'tilesLost', 'effort', 'fileBytes', 'headerBytes', 'metadataBytes',
  'tileBytes', 'indexBytes', 'originalBytes', 'modelBits'];

/** What the library says of a file that it cannot decode. */
export class IdfError extends Error {
  constructor(code, text, detail) {
    super(detail ? `${text} (${detail})` : text);
    this.name = 'IdfError';
    this.code = code;
    this.detail = detail;
  }
}

// ---- the modules ------------------------------------------------------------------------

// (module (func (result v128) i32.const 0 i8x16.splat)): valid where SIMD is known.
const SIMD_PROBE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0,
  10, 8, 1, 6, 0, 65, 0, 253, 15, 11]);

/** Whether the module with SIMD can run here. */
export function simdAvailable() {
  return WebAssembly.validate(SIMD_PROBE);
}

const modules = new Map(); // by name: promises of WebAssembly.Module

async function fetchModule(url) {
  if (url.protocol === 'file:' && globalThis.process?.versions?.node) {
    const { readFile } = await import('node:fs/promises');
    return WebAssembly.compile(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  // Streaming needs the type application/wasm, which not every server gives.
  if (/^application\/wasm/.test(response.headers.get('content-type') ?? ''))
    return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}

/** Loads the module, which otherwise the first use does. */
export function load({ simd = simdAvailable() } = {}) {
  const name = simd ? 'idf-simd.wasm' : 'idf-plain.wasm';
  let module = modules.get(name);
  if (!module) {
    module = fetchModule(new URL(name, import.meta.url));
    modules.set(name, module);
    module.catch(() => modules.delete(name)); // the next use tries again
  }
  return module;
}

// Each decoder has an instance of its own: its memory goes when it goes, all of it, also after a
// trap.
async function instantiate(simd) {
  const module = await load({ simd });
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = name === 'emscripten_notify_memory_growth' ? () => {} : () => {
      throw new Error(`idf: the system call ${name} was not expected`);
    };
  }
  const { exports } = await WebAssembly.instantiate(module, imports);
  exports._initialize?.();
  return exports;
}

function bytesOf(data) {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw new TypeError('idf: give an ArrayBuffer or a view of one');
}

// ---- one file ---------------------------------------------------------------------------

/** One file being decoded, from top to bottom: info, then rows or the original, then finish. */
export class Decoder {
  #c; #web; #decoder; #scratch; #next = 0;

  /** Reads up to the first row. */
  static async open(data, options = {}) {
    const decoder = new Decoder();
    await decoder.#open(bytesOf(data), options);
    return decoder;
  }

  async #open(bytes, { simd, maxPixels = 0, maxMemory = 0, measure = false, keepGoing = false }) {
    const c = this.#c = await instantiate(simd);
    this.#scratch = this.#reserve(8 * FACTS.length);
    const file = this.#reserve(bytes.length || 1);
    this.#u8.set(bytes, file);
    this.#check(c.idf_web_new(file, bytes.length, maxPixels, maxMemory, this.#scratch));
    this.#web = this.#u32[this.#scratch >>> 2];
    this.#decoder = c.idf_web_decoder(this.#web);
    if (keepGoing) c.idf_decoder_keep_going(this.#decoder, 1);
    this.#check(c.idf_web_info(this.#web));
    /** Width, height, layout and so on; sizes of parts are complete after finish(). */
    this.info = this.facts();
    if (measure) {
      this.bitsAt = this.#reserve(4 * this.info.width * this.info.height);
      c.idf_web_measure(this.#web, this.bitsAt);
    }
  }

  // Memory may grow at every call, and views of it end then.
  get #u8() { return new Uint8Array(this.#c.memory.buffer); }
  get #u32() { return new Uint32Array(this.#c.memory.buffer); }

  #reserve(size) {
    const at = this.#c.malloc(size) >>> 0;
    if (!at) throw new IdfError('MEMORY', this.#text(this.#c.idf_status_text(6)), '');
    return at;
  }

  #text(at) {
    const u8 = this.#u8;
    at >>>= 0;
    return new TextDecoder().decode(u8.slice(at, u8.indexOf(0, at)));
  }

  #check(status) {
    if (status === 0) return;
    const detail = this.#decoder ? this.#text(this.#c.idf_decoder_detail(this.#decoder)) : '';
    throw new IdfError(STATUSES[status] ?? 'UNKNOWN', this.#text(this.#c.idf_status_text(status)),
      detail);
  }

  facts() {
    this.#c.idf_web_facts(this.#web, this.#scratch);
    const values = new Float64Array(this.#c.memory.buffer, this.#scratch, FACTS.length);
    const facts = Object.fromEntries(FACTS.map((name, i) => [name, values[i]]));
    facts.layout = LAYOUTS[facts.layout];
    return facts;
  }

  /** Rows that were not delivered yet. */
  get rowsLeft() { return this.info.height - this.#next; }

  #deliver(call, count, bytes, View) {
    count = Math.min(count, this.rowsLeft);
    const at = this.#reserve(bytes * count || 1);
    try {
      this.#check(call(this.#decoder, at, count));
      this.#next += count;
      return new View(this.#c.memory.buffer.slice(at, at + bytes * count));
    } finally {
      this.#c.free(at);
    }
  }

  /** The next rows as they were encoded: Uint8Array, or Uint16Array for depths above 8. */
  rows(count = this.rowsLeft) {
    return this.#deliver(this.#c.idf_decoder_rows, count, this.info.rowBytes,
      this.info.depth > 8 ? Uint16Array : Uint8Array);
  }

  /** The next rows as R, G, B, A with 8 bits each; no colour profile or orientation is applied. */
  rgba(count = this.rowsLeft) {
    return this.#deliver(this.#c.idf_decoder_rgba8, count, 4 * this.info.width, Uint8ClampedArray);
  }

  /** The same with 16 bits each. */
  rgba16(count = this.rowsLeft) {
    return this.#deliver(this.#c.idf_decoder_rgba16, count, 8 * this.info.width, Uint16Array);
  }

  /** Reads to the end and checks all samples; afterwards metadata() and facts() are complete. */
  finish() {
    this.#check(this.#c.idf_decoder_finish(this.#decoder));
    return this.facts();
  }

  /** The metadata read so far: [{type, data, afterPixels}]. */
  metadata() {
    const list = [], at = this.#scratch;
    while (this.#c.idf_decoder_metadata(this.#decoder, list.length, at, at + 8, at + 12, at + 16)
      === 0) {
      const [data, size, after] = this.#u32.slice((at + 8) >>> 2, (at + 20) >>> 2);
      list.push({
        type: this.#text(at), data: this.#u8.slice(data, data + size), afterPixels: after !== 0,
      });
    }
    return list;
  }

  #piece(call) {
    const at = this.#scratch;
    if (call(this.#decoder, at, at + 4) !== 0) return null;
    const [data, size] = this.#u32.slice(at >>> 2, (at + 8) >>> 2);
    return this.#u8.slice(data, data + size);
  }

  /** The ICC profile, or null. */
  icc() { return this.#piece(this.#c.idf_decoder_icc); }

  /** The Exif block from its byte order on, or null. */
  exif() { return this.#piece(this.#c.idf_decoder_exif); }

  /** How to show the picture, as Exif numbers it: 1 to 8. */
  orientation() { return this.#c.idf_decoder_orientation(this.#decoder); }

  /** Pixels per metre {x, y}, or null. */
  resolution() {
    const at = this.#scratch;
    if (this.#c.idf_decoder_resolution(this.#decoder, at, at + 4) !== 0) return null;
    const [x, y] = this.#u32.slice(at >>> 2, (at + 8) >>> 2);
    return { x, y };
  }

  /** The texts read so far: [{key, value}]. Those that are damaged are left out. */
  texts() {
    const list = [], at = this.#scratch;
    for (let i = 0, status = 0; status !== STATUSES.indexOf('ARGUMENT'); i++) {
      status = this.#c.idf_decoder_text(this.#decoder, i, at, at + 4);
      const [key, value] = this.#u32.slice(at >>> 2, (at + 8) >>> 2);
      if (status === 0) list.push({ key: this.#text(key), value: this.#text(value) });
    }
    return list;
  }

  /** The JPEG that the file holds whole, byte for byte, instead of rows; null if there is none. */
  original() {
    const size = this.info.originalBytes;
    if (size === 0) return null;
    const at = this.#reserve(size);
    try {
      this.#check(this.#c.idf_web_original(this.#web, at, size));
      return this.#u8.slice(at, at + size);
    } finally {
      this.#c.free(at);
    }
  }

  /** With `measure`, after the rows: the bits of each pixel, Float32Array. */
  bits() {
    if (!this.bitsAt) throw new TypeError('idf: open with {measure: true}');
    return new Float32Array(this.#c.memory.buffer.slice(this.bitsAt,
      this.bitsAt + 4 * this.info.width * this.info.height));
  }
}

/**
 * Decodes a whole file: {width, height, data, info, orientation, texts, metadata}, where data are
 * R, G, B, A with 8 bits each, not premultiplied. onInfo gets the decoder before the first row,
 * onRows(y, data) each batch of rows; `pause`, if given, is awaited between batches.
 */
export async function decode(data, options = {}) {
  const decoder = await Decoder.open(data, options);
  const { width, height } = decoder.info;
  const all = new Uint8ClampedArray(4 * width * height);
  await options.onInfo?.(decoder);
  for (let y = 0; y < height;) {
    const rows = decoder.rgba(Math.max(1, Math.min(64, height - y)));
    all.set(rows, 4 * width * y);
    options.onRows?.(y, rows);
    y = height - decoder.rowsLeft;
    await options.pause?.();
  }
  const info = decoder.finish();
  return {
    width, height, data: all, info, orientation: decoder.orientation(), texts: decoder.texts(),
    metadata: decoder.metadata(),
  };
}

/** The version of the library, and whether its SIMD is in use. */
export async function version(options = {}) {
  const c = await instantiate(options.simd);
  const u8 = new Uint8Array(c.memory.buffer), at = c.idf_version();
  return {
    version: new TextDecoder().decode(u8.slice(at, u8.indexOf(0, at))),
    simd: c.idf_simd_best() > 1,
  };
}
