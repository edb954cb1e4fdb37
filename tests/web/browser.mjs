// SPDX-License-Identifier: BSD-3-Clause
//
// browser.mjs: the viewer, <idf-image> and the service worker in Chromium. Pixels are read back and
// compared with those of didf. IDF_SHOTS, a folder, gets pictures of the pages.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { launch, serve } from './chromium.mjs';
import { bin, dist, finish, report, src } from './common.mjs';
import { readPng } from './pngread.mjs';

const golden = `${src}/tests/golden`, shots = process.env.IDF_SHOTS;

const server = await serve({ dist, golden }, {
  '/dist/test.html': '<!doctype html><title>test</title><div id=place></div>',
});
const browser = await launch(process.env.CHROMIUM ?? 'chromium');
let failed = false;

async function test(what, body) {
  let trouble = '';
  try {
    trouble = await body() || '';
  } catch (error) {
    trouble = error.stack;
  }
  failed ||= Boolean(trouble);
  report(what, trouble);
}

// The pixels of a good file as R, G, B, A, from didf's PNG.
function wanted(name) {
  const { width, height, channels, rows } = readPng(execFileSync(`${bin}/didf`,
    ['-q', '--format=png', `${golden}/good-${name}.idf`, '-o', '-']));
  const rgba = Buffer.alloc(4 * width * height, 255);
  for (let i = 0; i < width * height; i++) rows.copy(rgba, 4 * i, channels * i, channels * (i + 1));
  return { width, height, rgba };
}

// The pixels of a canvas or an image, in the page, as text.
const PIXELS = `(source) => {
  const width = source.naturalWidth ?? source.width, height = source.naturalHeight ?? source.height;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(source, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  let text = '';
  for (const v of data) text += String.fromCharCode(v);
  return [width, height, btoa(text)];
}`;

async function same(page, source, name) {
  const [width, height, text] = await page.run(`(${PIXELS})(${source})`);
  const want = wanted(name);
  if (width !== want.width || height !== want.height) return `it is ${width} x ${height}`;
  return Buffer.from(text, 'base64').equals(want.rgba) ? '' : 'other pixels than didf gives';
}

const drop = (...names) => `(async () => {
  const data = new DataTransfer();
  for (const name of ${JSON.stringify(names)}) {
    const blob = await (await fetch('/golden/' + name)).blob();
    data.items.add(new File([blob], name));
  }
  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
})()`;
const state = (value) => `document.getElementById('main').dataset.state === '${value}'`;
const text = (id) => `document.getElementById('${id}').textContent`;

async function shoot(page, name) {
  if (shots) writeFileSync(`${shots}/${name}.png`, await page.screenshot());
}

const page = await browser.page();

await test('the viewer shows the pixels of a file dropped on it', async () => {
  await page.open(`${server.url}/dist/viewer/index.html`, { width: 1200, height: 800 });
  await shoot(page, 'empty');
  await page.run(drop('good-rgb.idf'));
  await page.until(state('ready'));
  await shoot(page, 'picture');
  return same(page, `document.getElementById('picture')`, 'rgb');
});

await test('what is on the screen are these pixels', async () => {
  await page.key('1');
  const clip = await page.run(`(() => {
    const { x, y, width, height } = document.getElementById('picture').getBoundingClientRect();
    return { x, y, width, height };
  })()`);
  const shot = readPng(await page.screenshot(clip)), want = wanted('rgb');
  if (shot.width !== want.width || shot.height !== want.height)
    return `the picture has ${shot.width} x ${shot.height} pixels on the screen`;
  let worst = 0;
  for (let i = 0; i < want.width * want.height; i++)
    for (let c = 0; c < 3; c++)
      worst = Math.max(worst, Math.abs(shot.rows[shot.channels * i + c] - want.rgba[4 * i + c]));
  return worst <= 2 ? '' : `some differ by ${worst}`;
});

await test('keys zoom', async () => {
  await page.key('+');
  const zoom = await page.run(text('zoom'));
  return zoom === '141 %' ? '' : `zoom is ${zoom}`;
});

await test('a map shows where the bits went', async () => {
  await page.run(`document.getElementById('show-bits').click()`);
  await page.until(`!document.getElementById('legend').hidden && ${text('legend-top')} !== ''`);
  await shoot(page, 'bits');
  const colours = await page.run(`(() => {
    const canvas = document.getElementById('bits');
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(new Uint32Array(data.buffer)).size;
  })()`);
  return colours > 20 ? '' : `it has ${colours} colours`;
});

await test('a PNG made of it is equal', async () => {
  await page.run(`document.getElementById('show-both').click()`);
  await page.until(`!document.getElementById('verdict').hidden`);
  await shoot(page, 'compare');
  const verdict = await page.run(text('verdict'));
  return verdict.startsWith('All pixels are equal') ? '' : verdict;
});

await test('a damaged file gives the words of the library', async () => {
  await page.run(drop('bad-stream-words.idf'));
  await page.until(state('bad'));
  await shoot(page, 'damaged');
  const words = await page.run(text('message'));
  return /^bad-stream-words\.idf: damaged data \(.+\)$/.test(words) ? '' : words;
});

await test('a file that holds a JPEG offers it', async () => {
  await page.run(drop('good-kept-420.idf'));
  await page.until(state('ready'));
  return await page.run(`document.getElementById('save-jpeg').hidden`) ? 'it does not' : '';
});

await test('everything that can be used has a name and a place in the order of keys', async () => {
  const nameless = await page.run(`[...document
    .querySelectorAll('button, input, .scroller, canvas')]
    .filter((e) => e.checkVisibility() && !(e.getAttribute('aria-label') || e.textContent.trim()
      || e.labels?.length)).map((e) => e.outerHTML)`);
  if (nameless.length) return nameless.join('\n');
  const seen = new Set();
  await page.run(`document.activeElement.blur()`);
  for (let i = 0; i < 20; i++) {
    await page.key('Tab');
    seen.add(await page.run(`document.activeElement.id || document.activeElement.className`));
  }
  const missing = ['open', 'scroller', 'show-bits', 'zoom-in', 'save-png', 'save-jpeg']
    .filter((id) => !seen.has(id));
  return missing.length ? `keys do not reach ${missing}: ${[...seen]}` : '';
});

for (const [width, height, dark] of [[390, 844, false], [390, 844, true], [1200, 800, true]]) {
  await test(`the viewer fits ${width} pixels${dark ? ', dark' : ''}`, async () => {
    await page.open(`${server.url}/dist/viewer/index.html?${width}${dark}`,
      { width, height, dark });
    await shoot(page, `empty-${width}${dark ? '-dark' : ''}`);
    await page.run(drop('good-history.idf', 'good-rgb.idf'));
    await page.until(state('ready'));
    await shoot(page, `picture-${width}${dark ? '-dark' : ''}`);
    const [wide, high] = await page.run(
      `[document.scrollingElement.scrollWidth, document.scrollingElement.scrollHeight]`);
    return wide <= width && (width < 500 || high <= height) ? '' : `it has ${wide} x ${high}`;
  });
}

await test('<idf-image> shows the pixels', async () => {
  await page.open(`${server.url}/dist/test.html`, { width: 800, height: 600 });
  await page.run(`(async () => {
    await import('/dist/idf-image.js');
    const image = document.createElement('idf-image');
    image.alt = 'a picture';
    image.src = '/golden/good-rgb.idf';
    await new Promise((done, fail) => {
      image.onload = done;
      image.onerror = fail;
      image.addEventListener('load', done);
      image.addEventListener('error', (event) => fail(event.error));
      document.getElementById('place').append(image);
    });
  })()`);
  return same(page, `document.querySelector('idf-image').shadowRoot.querySelector('canvas')`,
    'rgb');
});

await test('<idf-image> of a damaged file fires error and shows its alt text', async () => {
  const [code, shown] = await page.run(`(async () => {
    const image = document.querySelector('idf-image');
    const error = await new Promise((done) => {
      image.addEventListener('error', (event) => done(event.error));
      image.src = '/golden/bad-stream-words.idf';
    });
    return [error.code, image.shadowRoot.querySelector('span').checkVisibility()];
  })()`);
  return code === 'CORRUPT' && shown ? '' : `code ${code}, text shown: ${shown}`;
});

await test('the service worker makes <img src=x.idf> work', async () => {
  await page.run(`(async () => {
    await navigator.serviceWorker.register('/dist/idf-service-worker.js', { type: 'module' });
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller)
      await new Promise((done) => { navigator.serviceWorker.oncontrollerchange = done; });
    const image = new Image();
    image.id = 'served';
    await new Promise((done, fail) => {
      image.onload = done;
      image.onerror = () => fail(new Error('the image fires error'));
      image.src = '/golden/good-rgb.idf';
    });
    document.getElementById('place').append(image);
  })()`);
  return same(page, `document.getElementById('served')`, 'rgb');
});

await test('it gives the JPEG that a file holds, and an error for a damaged file', async () => {
  const [width, outcome] = await page.run(`(async () => {
    const load = (name) => new Promise((done) => {
      const image = new Image();
      image.onload = () => done(image.naturalWidth);
      image.onerror = () => done('error');
      image.src = '/golden/' + name;
    });
    return [await load('good-kept-420.idf'), await load('bad-stream-words.idf')];
  })()`);
  return width === 45 && outcome === 'error' ? '' : `${width}, ${outcome}`;
});

await browser.close();
server.close();
finish();
