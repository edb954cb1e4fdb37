// SPDX-License-Identifier: BSD-3-Clause
//
// idf-worker.js: the worker's side of client.js. A message {id, job, blob, options} is answered by
// any number of {id, info} and {id, rows}, then {id, result} or {id, error}; {id, stop: true} ends
// a job between two batches of rows.
import { Decoder, IdfError, decode } from './idf.js';
import { encodePng } from './png.js';

const stopped = new Set();

// Lets messages in: a task of its own, without the delay of timers.
const channel = new MessageChannel();
const turn = () => new Promise((done) => {
  channel.port1.onmessage = done;
  channel.port2.postMessage(0);
});

async function pause(id) {
  await turn();
  if (stopped.has(id)) throw new IdfError('CANCELLED', 'cancelled', '');
}

const jobs = {
  async decode(id, data, options) {
    const picture = await decode(data, {
      ...options,
      onInfo(decoder) {
        postMessage({ id, info: { ...decoder.info, orientation: decoder.orientation() } });
      },
      onRows(y, rows) {
        postMessage({ id, rows: { y, data: rows } }, [rows.buffer]);
      },
      pause: () => pause(id),
    });
    delete picture.data; // it went row by row
    return [picture];
  },
  async png(id, data, options) {
    return [await encodePng(await Decoder.open(data, options), options)];
  },
  async original(id, data, options) {
    const bytes = (await Decoder.open(data, options)).original();
    return bytes ? [bytes, [bytes.buffer]] : [null];
  },
  async bits(id, data, options) {
    const decoder = await Decoder.open(data, { ...options, measure: true });
    for (; decoder.rowsLeft; await pause(id)) decoder.rows(64);
    const info = decoder.finish(), bits = decoder.bits();
    return [{ info, bits }, [bits.buffer]];
  },
};

onmessage = async ({ data: { id, job, blob, options, stop } }) => {
  if (stop) {
    stopped.add(id);
    return;
  }
  try {
    const [result, transfer = []] = await jobs[job](id, await blob.arrayBuffer(), options);
    postMessage({ id, result }, transfer);
  } catch (error) {
    const { name, code, message, detail } = error;
    postMessage({ id, error: { name, code, message, detail } });
  } finally {
    stopped.delete(id);
  }
};
