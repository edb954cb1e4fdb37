// SPDX-License-Identifier: BSD-3-Clause
//
// zoom.js: one scale and one place for all scrollers, which pan by scrolling as everything does:
// with fingers, wheels and keys. Ctrl and the wheel, or two fingers, zoom.

const LEAST = 1 / 64, MOST = 32;

export class Zoom {
  #scrollers; #tell; #width = 0; #height = 0; #scale = 1; #fitting = true; #busy = false;

  /** tell(scale) is called whenever the scale changed. */
  constructor(scrollers, tell) {
    this.#scrollers = scrollers;
    this.#tell = tell;
    for (const scroller of scrollers) {
      scroller.addEventListener('scroll', () => this.#follow(scroller));
      scroller.addEventListener('wheel', (event) => this.#wheel(scroller, event),
        { passive: false });
      scroller.addEventListener('touchmove', (event) => this.#pinch(scroller, event),
        { passive: false });
      scroller.addEventListener('touchend', () => { this.apart = 0; });
    }
    new ResizeObserver(() => { if (this.#fitting) this.fit(); }).observe(scrollers[0]);
  }

  /** The pixels of the picture. */
  size(width, height) {
    this.#width = width;
    this.#height = height;
    this.fit();
  }

  /** The largest scale, of at most 1, that shows all; small pictures are shown in whole pixels. */
  fit() {
    const { clientWidth, clientHeight } = this.#scrollers[0];
    if (!this.#width || !clientWidth) return;
    const most = Math.min(clientWidth / this.#width, clientHeight / this.#height);
    this.#set(most >= 2 ? Math.min(Math.floor(most), 8) : Math.min(most, 1));
    this.#fitting = true;
  }

  /** A scale; the point (x, y) of the first scroller's view stays where it is. */
  to(scale, x, y) {
    this.#set(Math.min(MOST, Math.max(LEAST, scale)), x, y);
  }

  /** The next step of a scale of half octaves. */
  step(direction) {
    this.to(2 ** ((Math.round(2 * Math.log2(this.#scale)) + direction) / 2));
  }

  /** After canvases were shown or changed. */
  again() {
    if (this.#fitting) this.fit();
    else this.#set(this.#scale);
  }

  #set(scale, x, y) {
    const first = this.#scrollers[0];
    x ??= first.clientWidth / 2;
    y ??= first.clientHeight / 2;
    const left = (first.scrollLeft + x) / this.#scale, top = (first.scrollTop + y) / this.#scale;
    this.#scale = scale;
    this.#fitting = false;
    for (const scroller of this.#scrollers) {
      for (const canvas of scroller.querySelectorAll('canvas')) {
        canvas.style.width = `${canvas.width * scale}px`;
        canvas.style.height = `${canvas.height * scale}px`;
        canvas.classList.toggle('pixels', scale >= 2);
      }
    }
    first.scrollTo(left * scale - x, top * scale - y);
    this.#follow(first);
    this.#tell(scale);
  }

  #follow(leader) {
    if (this.#busy) return;
    this.#busy = true;
    for (const scroller of this.#scrollers)
      if (scroller !== leader) scroller.scrollTo(leader.scrollLeft, leader.scrollTop);
    requestAnimationFrame(() => { this.#busy = false; });
  }

  #wheel(scroller, event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const box = scroller.getBoundingClientRect();
    this.to(this.#scale * 2 ** (-event.deltaY / 200), event.clientX - box.left,
      event.clientY - box.top);
  }

  #pinch(scroller, event) {
    if (event.touches.length !== 2) return;
    event.preventDefault();
    const [a, b] = event.touches, box = scroller.getBoundingClientRect();
    const apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    if (this.apart)
      this.to(this.#scale * apart / this.apart, (a.clientX + b.clientX) / 2 - box.left,
        (a.clientY + b.clientY) / 2 - box.top);
    this.apart = apart;
  }
}
