// SPDX-License-Identifier: BSD-3-Clause
//
// viewer.js: the viewer page: files come in, canvases and texts show them. Decoding is in a worker.
import { IdfWorker } from '../client.js';
import { hasColours, orient, orientedSize } from '../picture.js';
import * as facts from './facts.js';
import { COLOURS, heat, topOf } from './heat.js';
import { Zoom } from './zoom.js';

const $ = (id) => document.getElementById(id);
const worker = new IdfWorker();
const files = []; // {name, blob, shown, orientation, picture, bits, png, error}
// Bitmaps as they are stored: the canvas turns them.
const STORED = { premultiplyAlpha: 'none', imageOrientation: 'none' };
let current, view = 'picture', decoding;

const zoom = new Zoom([...document.querySelectorAll('.scroller')], (scale) => {
  $('zoom').textContent = `${scale < 0.095 ? (100 * scale).toFixed(1) : Math.round(100 * scale)} %`;
});

// What went well goes away by itself; trouble stays.
let fading;
function say(text, bad = false) {
  clearTimeout(fading);
  if (!bad && !text.endsWith('…')) fading = setTimeout(() => say(''), 5000);
  $('message').textContent = text;
  $('message').classList.toggle('bad', bad);
}

function fill(list, pairs) {
  list.replaceChildren(...pairs.flatMap(([name, value]) => {
    const dt = document.createElement('dt'), dd = document.createElement('dd');
    dt.textContent = name;
    dd.textContent = value;
    return [dt, dd];
  }));
}

// ---- canvases -----------------------------------------------------------------------------

// A canvas for a picture as it is shown: gives a function that draws rows of stored pixels.
function prepare(canvas, width, height, orientation) {
  [canvas.width, canvas.height] = orientedSize(width, height, orientation);
  const context = canvas.getContext('2d');
  orient(context, width, height, orientation);
  return (y, data) => {
    const rows = new OffscreenCanvas(width, data.length / 4 / width);
    rows.getContext('2d').putImageData(new ImageData(data, width), 0, 0);
    context.drawImage(rows, 0, y);
  };
}

async function decode(file) {
  decoding?.abort();
  const { signal } = decoding = new AbortController();
  const started = performance.now();
  let draw;
  say(`Decoding ${file.name} …`);
  try {
    file.picture = await worker.decode(file.blob, {
      signal,
      onInfo(info) {
        file.orientation = info.orientation;
        draw = prepare($('picture'), info.width, info.height, info.orientation);
        $('picture').setAttribute('aria-label', file.name);
        zoom.size($('picture').width, $('picture').height);
        fill($('sizes'), facts.sizes(info, file.blob.size, {}));
        fill($('facts'), facts.facts(info, info.orientation));
      },
      onRows: (y, data) => draw(y, data),
    });
    // Colours as the file means them, once it is whole.
    file.colours = hasColours(file.picture.metadata);
    if (file.colours) {
      const png = await worker.png(file.blob, { signal, colourOnly: true });
      $('picture').getContext('2d').drawImage(await createImageBitmap(png, STORED), 0, 0);
    }
    const seconds = (performance.now() - started) / 1000;
    say(`${file.name}: decoded and checked in ${seconds.toFixed(seconds < 10 ? 1 : 0)} s`);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    file.error = error;
    say(`${file.name}: ${error.message}`, true);
    return false;
  }
}

async function showBits(file) {
  if (!file.bits) {
    say('Measuring where the bits went …');
    try {
      file.bits = await worker.bits(file.blob);
    } catch (error) {
      say(`${file.name}: ${error.message}`, true);
      return;
    }
    if (file !== current) return;
    say('');
  }
  const { info, bits } = file.bits, top = topOf(bits);
  prepare($('bits'), info.width, info.height, file.orientation)(0, heat(bits, top));
  $('legend-top').textContent = `${top.toFixed(1)} or more`;
  $('legend-mean').textContent = `mean ${(info.modelBits / info.width / info.height).toFixed(2)}`;
  zoom.again();
}

// ---- comparing ----------------------------------------------------------------------------

const pixelsOf = (canvas) => canvas.getContext('2d')
  .getImageData(0, 0, canvas.width, canvas.height).data;

function verdict(file) {
  const a = $('picture'), b = $('png'), line = $('verdict');
  line.hidden = false;
  let text = `The PNG has another size: ${b.width} × ${b.height}`, good = false;
  if (a.width === b.width && a.height === b.height) {
    const p = new Uint32Array(pixelsOf(a).buffer), q = new Uint32Array(pixelsOf(b).buffer);
    let differ = 0;
    for (let i = 0; i < p.length; i++) differ += p[i] !== q[i];
    good = differ === 0;
    text = good ? 'All pixels are equal to those of the PNG'
      : `${differ.toLocaleString('en')} of ${p.length.toLocaleString('en')} pixels differ`;
  }
  line.textContent = text;
  line.className = good ? 'good' : 'bad';
  fill($('sizes'), facts.sizes(file.picture.info, file.blob.size, { 'The PNG': file.png.size }));
}

async function showPng(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file.png,
      { ...STORED, colorSpaceConversion: file.colours ? 'default' : 'none' });
  } catch {
    file.png = undefined;
    say('This PNG cannot be read', true);
    return false;
  }
  prepare($('png'), bitmap.width, bitmap.height, file.orientation);
  $('png').getContext('2d').drawImage(bitmap, 0, 0);
  $('png').setAttribute('aria-label', file.png.name ?? 'PNG');
  return true;
}

// ---- the page -----------------------------------------------------------------------------

async function show(next) {
  const file = current;
  view = next;
  for (const name of ['picture', 'bits', 'both'])
    $(`show-${name}`).setAttribute('aria-pressed', String(name === view));
  $('bits').hidden = $('legend').hidden = view !== 'bits';
  $('picture').hidden = view === 'bits';
  $('other').hidden = view !== 'both';
  $('verdict').hidden = true;
  if (view === 'bits') await showBits(file);
  if (view === 'both') {
    file.png ??= await made(file);
    if (file === current && view === 'both' && await showPng(file)) verdict(file);
  }
  zoom.again();
}

// A PNG of the file itself, where none was given.
async function made(file) {
  say('Making a PNG …');
  const png = await worker.png(file.blob);
  say('Compared with a PNG made of this file; drop another PNG to compare with that');
  return png;
}

function tabs() {
  $('files').hidden = files.length < 2;
  $('files').replaceChildren(...files.map((file) => {
    const button = document.createElement('button');
    button.textContent = file.name;
    button.setAttribute('aria-current', String(file === current));
    button.toggleAttribute('data-bad', Boolean(file.error));
    button.onclick = () => select(file);
    return button;
  }));
}

async function select(file) {
  current = file;
  $('main').dataset.state = 'busy';
  $('welcome').hidden = true;
  $('panes').hidden = false;
  $('tools').hidden = $('side').hidden = true;
  $('bits').hidden = $('other').hidden = true;
  $('picture').hidden = false;
  tabs();
  const good = await decode(file);
  if (file !== current) return;
  $('main').dataset.state = good ? 'ready' : 'bad';
  tabs();
  $('panes').hidden = !good;
  if (!good) return;
  $('tools').hidden = $('side').hidden = false;
  const { info } = file.picture, list = facts.metadata(file.picture);
  fill($('sizes'), facts.sizes(info, file.blob.size,
    info.originalBytes ? { 'The JPEG in it': info.originalBytes } : {}));
  fill($('facts'), facts.facts(info, file.orientation));
  fill($('metadata').querySelector('dl'), list);
  $('metadata').hidden = list.length === 0;
  $('save-jpeg').hidden = !info.originalBytes;
  zoom.fit();
  await show('picture');
}

function open(list) {
  const fresh = [];
  for (const blob of list) {
    if (/\.png$/i.test(blob.name) || blob.type === 'image/png') {
      const to = fresh[0] ?? current;
      if (to) to.png = blob;
      else say('Open an .idf first; a PNG is to compare with', true);
    } else {
      fresh.push({ name: blob.name, blob });
    }
  }
  files.push(...fresh);
  if (fresh.length) select(fresh[0]);
  else if (current?.picture && current.png) show('both');
}

async function save(file, what, type, suffix) {
  const blob = new Blob([await what], { type });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = file.name.replace(/(\.idf)?$/i, suffix);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// While it works the button is off, and what goes wrong is said.
function work(id, task) {
  $(id).onclick = async () => {
    $(id).disabled = true;
    try {
      await task(current);
    } catch (error) {
      say(error.message, true);
    } finally {
      $(id).disabled = false;
    }
  };
}

work('save-png', (file) => save(file, worker.png(file.blob), 'image/png', '.png'));
work('save-jpeg', (file) => save(file, worker.original(file.blob), 'image/jpeg', '.jpg'));
work('show-picture', () => show('picture'));
work('show-bits', () => show('bits'));
work('show-both', () => show('both'));
$('zoom-in').onclick = () => zoom.step(1);
$('zoom-out').onclick = () => zoom.step(-1);
$('zoom-fit').onclick = () => zoom.fit();
$('zoom-one').onclick = () => zoom.to(1);
$('open').onchange = () => {
  open($('open').files);
  $('open').value = '';
};

addEventListener('keydown', (event) => {
  if (!current || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = {
    '+': () => zoom.step(1), '=': () => zoom.step(1), '-': () => zoom.step(-1),
    0: () => zoom.fit(), 1: () => zoom.to(1),
  }[event.key];
  if (act) {
    act();
    event.preventDefault();
  }
});
addEventListener('dragover', (event) => {
  event.preventDefault();
  document.body.classList.add('over');
});
addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) document.body.classList.remove('over');
});
addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('over');
  open(event.dataTransfer.files);
});

const legend = $('legend').querySelector('canvas').getContext('2d').createImageData(256, 1);
for (let i = 0; i < 256; i++) legend.data.set([...COLOURS.slice(3 * i, 3 * i + 3), 255], 4 * i);
$('legend').querySelector('canvas').getContext('2d').putImageData(legend, 0, 0);
