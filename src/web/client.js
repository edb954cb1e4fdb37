// SPDX-License-Identifier: BSD-3-Clause
//
// client.js: decoding in a worker, so that a page stays alive meanwhile.
import { IdfError } from './idf.js';

/** A worker and its jobs. */
export class IdfWorker {
  #worker; #jobs = new Map(); #next = 0;

  constructor() {
    this.#worker = new Worker(new URL('idf-worker.js', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error(event.message || 'the decoder could not be loaded'));
    };
  }

  #receive({ id, info, rows, result, error }) {
    const job = this.#jobs.get(id);
    if (!job) return;
    if (info) job.onInfo?.(info);
    else if (rows) job.onRows?.(rows.y, rows.data);
    else {
      this.#jobs.delete(id);
      if (error) job.reject(this.#remade(error));
      else job.resolve(result);
    }
  }

  #remade({ name, code, message, detail }) {
    if (name !== 'IdfError') return new Error(message);
    const error = new IdfError(code, message, '');
    error.detail = detail;
    return error;
  }

  #fail(error) {
    for (const { reject } of this.#jobs.values()) reject(error);
    this.#jobs.clear();
  }

  #run(job, blob, { onInfo, onRows, signal, ...options } = {}) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      this.#jobs.set(id, { resolve, reject, onInfo, onRows });
      signal?.addEventListener('abort', () => {
        if (!this.#jobs.delete(id)) return;
        this.#worker.postMessage({ id, stop: true });
        reject(signal.reason);
      });
      this.#worker.postMessage({ id, job, blob, options });
    });
  }

  /** Decodes a Blob: onInfo(info), then onRows(y, data) for each batch; resolves without data. */
  decode(blob, options) { return this.#run('decode', blob, options); }
  /** A PNG of it: a Blob; options as encodePng has them. */
  png(blob, options) { return this.#run('png', blob, options); }
  /** The JPEG that it holds whole: Uint8Array, or null. */
  original(blob, options) { return this.#run('original', blob, options); }
  /** {info, bits}: the bits of each pixel, Float32Array. */
  bits(blob, options) { return this.#run('bits', blob, options); }

  close() {
    this.#worker.terminate();
    this.#fail(new IdfError('CANCELLED', 'cancelled', ''));
  }
}
