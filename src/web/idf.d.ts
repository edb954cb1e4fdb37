// SPDX-License-Identifier: BSD-3-Clause
//
// idf.d.ts: the types of idf.js.

/** NOT_IDF: another kind of file. CORRUPT, TRUNCATED: damaged. UNSUPPORTED: of another version. */
export type IdfErrorCode = 'NOT_IDF' | 'UNSUPPORTED' | 'CORRUPT' | 'TRUNCATED' | 'LIMIT' | 'MEMORY'
  | 'IO' | 'ARGUMENT' | 'CANCELLED' | 'UNKNOWN';

export class IdfError extends Error {
  readonly code: IdfErrorCode;
  /** Where it went wrong, or ''. */
  readonly detail: string;
}

export type IdfLayout = 'gray' | 'gray-alpha' | 'rgb' | 'rgba' | 'palette' | 'cmyk';

export interface IdfInfo {
  width: number;
  height: number;
  layout: IdfLayout;
  /** Bits a sample, 1 to 16. */
  depth: number;
  /** Samples a pixel, 1 to 4. */
  channels: number;
  rowBytes: number;
  tileSide: number;
  tilesAcross: number;
  tilesDown: number;
  tilesLost: number;
  /** The encoder's effort. */
  effort: number;
  /** Bytes of the file and of its parts; complete after finish(). */
  fileBytes: number;
  headerBytes: number;
  metadataBytes: number;
  tileBytes: number;
  indexBytes: number;
  /** Bytes of the JPEG that the file holds whole; 0: none. */
  originalBytes: number;
  /** With `measure`: -log2 of the model's probability of all that was decoded. */
  modelBits: number;
}

export interface IdfMetadata {
  /** The type of a PNG chunk, or one that idf(5) lists. */
  type: string;
  data: Uint8Array;
  afterPixels: boolean;
}

export interface IdfText {
  key: string;
  value: string;
}

/** Data: R, G, B, A with 8 bits each. */
export interface IdfPicture {
  width: number;
  height: number;
  data: Uint8ClampedArray;
  info: IdfInfo;
  orientation: number;
  texts: IdfText[];
  metadata: IdfMetadata[];
}

export interface IdfOptions {
  /** Which module; by default the one with SIMD where that can run. */
  simd?: boolean;
  /** Limits; by default 2^28 pixels and 2^30 bytes. */
  maxPixels?: number;
  maxMemory?: number;
  /** Lost tiles become zeros instead of an error. */
  keepGoing?: boolean;
}

export class Decoder {
  private constructor();
  static open(data: ArrayBuffer | ArrayBufferView,
    options?: IdfOptions & { measure?: boolean }): Promise<Decoder>;
  readonly info: IdfInfo;
  readonly rowsLeft: number;
  facts(): IdfInfo;
  /** The next rows as they were encoded; all that are left by default. */
  rows(count?: number): Uint8Array | Uint16Array;
  /** The next rows as R, G, B, A, not premultiplied; no profile or orientation is applied. */
  rgba(count?: number): Uint8ClampedArray;
  rgba16(count?: number): Uint16Array;
  finish(): IdfInfo;
  metadata(): IdfMetadata[];
  icc(): Uint8Array | null;
  exif(): Uint8Array | null;
  /** As Exif numbers it, 1 to 8. */
  orientation(): number;
  /** Pixels per metre. */
  resolution(): { x: number; y: number } | null;
  texts(): IdfText[];
  original(): Uint8Array | null;
  bits(): Float32Array;
}

export function decode(data: ArrayBuffer | ArrayBufferView, options?: IdfOptions & {
  onInfo?(decoder: Decoder): unknown;
  onRows?(y: number, data: Uint8ClampedArray): unknown;
  /** Awaited between batches of rows. */
  pause?(): unknown;
}): Promise<IdfPicture>;
export function simdAvailable(): boolean;
export function load(options?: { simd?: boolean }): Promise<WebAssembly.Module>;
export function version(options?: { simd?: boolean }): Promise<{ version: string; simd: boolean }>;
