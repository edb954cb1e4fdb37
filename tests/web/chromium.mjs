// SPDX-License-Identifier: BSD-3-Clause
//
// chromium.mjs: a browser without a window, led through the DevTools protocol over a pipe, and a
// server of the files that it asks for.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';

const PATIENCE = 120000; // milliseconds: machines that test are busy

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css',
  '.wasm': 'application/wasm', '.idf': 'image/x-idf', '.png': 'image/png',
};

/** Serves folders by their first name: {dist: '/path'}; and pages: {'/x.html': text}. */
export function serve(folders, pages) {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    const [, first, ...rest] = normalize(path).split('/');
    try {
      const body = pages[path] ?? readFileSync(join(folders[first], ...rest));
      const type = TYPES[extname(path)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => done({
      url: `http://127.0.0.1:${server.address().port}`, close: () => server.close(),
    }));
  });
}

/** Starts the program; throws if it does not answer. */
export async function launch(program) {
  const profile = mkdtempSync(join(tmpdir(), 'idf-chromium-'));
  const root = process.getuid?.() === 0;
  const child = spawn(program, ['--headless=new', '--remote-debugging-pipe', '--disable-gpu',
    '--no-first-run', '--disable-extensions', '--disable-background-networking', '--mute-audio',
    '--disable-dev-shm-usage', '--force-color-profile=srgb', `--user-data-dir=${profile}`,
    ...(root ? ['--no-sandbox'] : []), 'about:blank'],
  { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const waiting = new Map();
  let next = 1, rest = '';
  const fail = (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  child.on('error', fail);
  child.on('exit', () => fail(new Error('Chromium ended')));
  child.stdio[4].setEncoding('utf8').on('data', (text) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop();
    for (const { id, result, error } of messages.map((m) => JSON.parse(m))) {
      const call = waiting.get(id);
      waiting.delete(id);
      if (error) call?.reject(new Error(error.message));
      else call?.resolve(result);
    }
  });
  const send = (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
    const id = next++;
    const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), PATIENCE);
    waiting.set(id, {
      resolve: (result) => { clearTimeout(timer); resolve(result); },
      reject: (error) => { clearTimeout(timer); reject(error); },
    });
    child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
  });
  await send('Browser.getVersion');
  return {
    page: () => openPage(send),
    async close() {
      await send('Browser.close').catch(() => {});
      await new Promise((done) => {
        if (child.exitCode !== null) done();
        child.on('exit', done);
        setTimeout(() => child.kill('SIGKILL'), 5000).unref();
      });
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function openPage(send) {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const call = (method, params) => send(method, params, sessionId);
  await call('Page.enable');
  return {
    call,
    /** The value of an expression, which may be a promise. */
    async run(expression) {
      const { result, exceptionDetails } = await call('Runtime.evaluate',
        { expression, awaitPromise: true, returnByValue: true });
      if (exceptionDetails)
        throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    async until(expression) {
      for (const end = Date.now() + PATIENCE; Date.now() < end;) {
        if (await this.run(expression)) return;
        await new Promise((done) => { setTimeout(done, 100); });
      }
      throw new Error(`never came true: ${expression}`);
    },
    async open(url, { width, height, dark = false }) {
      await call('Emulation.setDeviceMetricsOverride',
        { width, height, deviceScaleFactor: 1, mobile: width < 500 });
      await call('Emulation.setEmulatedMedia',
        { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
      await call('Page.navigate', { url });
      await this.until(`document.readyState === 'complete' && location.href === ${
        JSON.stringify(url)}`);
    },
    async screenshot(clip) {
      const { data } = await call('Page.captureScreenshot',
        { format: 'png', ...(clip ? { clip: { ...clip, scale: 1 } } : {}) });
      return Buffer.from(data, 'base64');
    },
    async key(key) {
      await call('Input.dispatchKeyEvent', { type: 'keyDown', key, text: key.length === 1 ? key
        : undefined, code: key, windowsVirtualKeyCode: key === 'Tab' ? 9 : 0 });
      await call('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key });
    },
  };
}
