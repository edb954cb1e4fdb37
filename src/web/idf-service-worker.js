// SPDX-License-Identifier: BSD-3-Clause
//
// idf-service-worker.js: makes <img src="photo.idf"> and the like work: what the page loads as an
// image and ends in .idf is answered with the JPEG that the file holds, or with a PNG. Register it
// as a module, at a place above the pages that it serves:
//
//   navigator.serviceWorker.register('/idf-service-worker.js', { type: 'module' });
import { Decoder, load } from './idf.js';
import { encodePng } from './png.js';

addEventListener('install', (event) => event.waitUntil(load().then(() => skipWaiting())));
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

async function pictureOf(data) {
  const jpeg = (await Decoder.open(data)).original();
  return jpeg ? new Blob([jpeg], { type: 'image/jpeg' }) : encodePng(await Decoder.open(data));
}

async function answer(request) {
  const response = await fetch(request);
  if (!response.ok || response.type === 'opaque') return response;
  try {
    const picture = await pictureOf(await response.arrayBuffer());
    return new Response(picture, { headers: { 'content-type': picture.type } });
  } catch (error) {
    if (error.name !== 'IdfError') throw error;
    // No image: the page sees the error event of its element.
    return new Response(`${new URL(request.url).pathname}: ${error.message}\n`,
      { status: 422, headers: { 'content-type': 'text/plain' } });
  }
}

addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && request.destination === 'image'
    && new URL(request.url).pathname.endsWith('.idf'))
    event.respondWith(answer(request));
});
