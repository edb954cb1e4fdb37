// SPDX-License-Identifier: BSD-3-Clause
//
// idf-image.js: <idf-image src="photo.idf" alt="..."></idf-image>, a picture that appears row by
// row. It fires load and error, and `naturalWidth` and `naturalHeight` tell its size. With an error
// it shows its text: that of `alt`, as <img> does.
import { IdfWorker } from './client.js';
import { hasColours, orient, orientedSize } from './picture.js';

let shared; // one worker for all elements of a page

class IdfImage extends HTMLElement {
  static observedAttributes = ['src', 'alt'];
  #canvas = document.createElement('canvas');
  #text = document.createElement('span');
  #loading;

  constructor() {
    super();
    const style = document.createElement('style');
    style.textContent = ':host{display:inline-block;max-width:100%}'
      + ':host([hidden]){display:none}'
      + 'canvas{display:block;max-width:100%;height:auto}[hidden]{display:none}';
    this.#canvas.width = this.#canvas.height = 0;
    this.#canvas.setAttribute('part', 'picture');
    this.#text.setAttribute('part', 'text');
    this.#text.hidden = true;
    this.attachShadow({ mode: 'open' }).append(style, this.#canvas, this.#text);
  }

  get src() { return this.getAttribute('src') ?? ''; }
  set src(value) { this.setAttribute('src', value); }
  get alt() { return this.getAttribute('alt') ?? ''; }
  set alt(value) { this.setAttribute('alt', value); }
  get naturalWidth() { return this.#canvas.width; }
  get naturalHeight() { return this.#canvas.height; }

  connectedCallback() {
    if (this.src && !this.#loading) this.#load();
  }

  disconnectedCallback() {
    this.#loading?.abort();
    this.#loading = undefined;
  }

  attributeChangedCallback(name) {
    if (name === 'alt') {
      this.#canvas.setAttribute('role', this.alt ? 'img' : 'presentation');
      this.#canvas.setAttribute('aria-label', this.alt);
      this.#text.textContent = this.alt;
    } else if (this.isConnected) {
      this.#load();
    }
  }

  async #load() {
    this.#loading?.abort();
    const { signal } = this.#loading = new AbortController();
    this.#text.hidden = true;
    this.#canvas.hidden = false;
    try {
      const response = await fetch(this.src, { signal });
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      await this.#draw(await response.blob(), signal);
      this.dispatchEvent(new Event('load'));
    } catch (error) {
      if (signal.aborted) return;
      this.#text.hidden = false;
      this.#canvas.hidden = true;
      this.dispatchEvent(new ErrorEvent('error', { error, message: error.message }));
    }
  }

  async #draw(blob, signal) {
    const context = this.#canvas.getContext('2d');
    const rows = document.createElement('canvas').getContext('2d');
    let size;
    shared ??= new IdfWorker();
    const picture = await shared.decode(blob, {
      signal,
      onInfo: ({ width, height, orientation }) => {
        size = [width, height];
        [this.#canvas.width, this.#canvas.height] = orientedSize(width, height, orientation);
        orient(context, width, height, orientation);
      },
      onRows: (y, data) => {
        rows.canvas.width = size[0];
        rows.canvas.height = data.length / 4 / size[0];
        rows.putImageData(new ImageData(data, size[0]), 0, 0);
        context.drawImage(rows.canvas, 0, y);
      },
    });
    // Colours as the file means them, once it is whole.
    if (hasColours(picture.metadata)) {
      const png = await shared.png(blob, { signal, colourOnly: true });
      context.drawImage(await createImageBitmap(png), 0, 0);
    }
  }
}

customElements.define('idf-image', IdfImage);
