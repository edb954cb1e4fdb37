# SPDX-License-Identifier: BSD-3-Clause
#
# pictures.awk: tiny pictures as plain (decimal) PGM or PPM or, with alpha, as PAM, in
# whole numbers only, so that every awk draws the same:
# -v kind=K -v w=W -v h=H -v c=1|2|3 -v max=MAXVAL (c=2: max < 256).
function clip(v) { return v < 0 ? 0 : v > max ? max : v }
function noise() { seed = (seed * 16807) % 2147483647; return seed }
# A wave of period p between 0 and max: a triangle.
function wave(t, p) { t = t % p; return int((t * 2 < p ? t : p - t) * 2 * max / p) }
function below(v, d, q) { q = int(v / d); return q * d > v ? q - 1 : q } # floor(v / d)
# What a JPEG decoder makes of a block (idf(5), 19.1): f[0 .. 7] to t[0 .. 7].
function transform(f, t, i, n, even, odd) {
  for (n = 0; n < 4; n++) {
    even = odd = 0
    for (i = 0; i < 4; i++) {
      even += A[4 * n + i + 1] * f[2 * i]
      odd += B[4 * n + i + 1] * f[2 * i + 1]
    }
    t[n] = even + odd
    t[7 - n] = even - odd
  }
}
# Samples of plane k, block by block: few coefficients, multiples of steps.
function plane(k, across, down, bx, by, u, v, x, y, step, at, f, t, F, G) {
  for (by = 0; by < down; by++)
    for (bx = 0; bx < across; bx++) {
      for (at = 0; at < 64; at++)
        F[at] = 0
      for (at = 0; at < 9; at++) {
        u = int(noise() / 7) % 8
        v = int(noise() / 7) % 8
        step = c == 1 ? K[8 * u + v + 1] : 10 + 4 * (u + v) + 5 * (k > 0)
        if (u + v < 3 + 2 * at)
          F[8 * u + v] = step * (int(noise() / 7) % 5 - 2)
      }
      F[0] = (c == 1 ? 16 : 10 + 5 * (k > 0)) * (int(noise() / 7) % 13 - 6)
      for (x = 0; x < 8; x++) {
        for (u = 0; u < 8; u++)
          f[u] = F[8 * u + x]
        transform(f, t)
        for (y = 0; y < 8; y++)
          G[8 * y + x] = below(t[y] + 1024, 2048)
      }
      for (y = 0; y < 8; y++) {
        for (x = 0; x < 8; x++)
          f[x] = G[8 * y + x]
        transform(f, t)
        for (x = 0; x < 8; x++)
          S[k, 8 * bx + x, 8 * by + y] = clip(below(t[x] + 131072, 262144) + 128)
      }
    }
}
function at2(k, i, j) { # the nearest sample of half a plane
  return S[k, i < 0 ? 0 : i > int((w - 1) / 2) ? int((w - 1) / 2) : i,
           j < 0 ? 0 : j > int((h - 1) / 2) ? int((h - 1) / 2) : j]
}
# Plane k at half the rate, interpolated, less 128.
function half(k, x, y, i, j, i2, j2) {
  i = int(x / 2); i2 = x % 2 ? i + 1 : i - 1
  j = int(y / 2); j2 = y % 2 ? j + 1 : j - 1
  return int((3 * (3 * at2(k, i, j) + at2(k, i, j2)) + 3 * at2(k, i2, j) + at2(k, i2, j2) \
    + (x % 2 ? 7 : 8)) / 16) - 128
}
# A picture that was a JPEG file, 4:2:0 if it has colours; a few samples were changed since.
function history(k, x, y, cb, cr, luma, v) {
  luma = S[0, x, y]
  if (c == 1)
    v = luma
  else {
    cb = half(1, x, y)
    cr = half(2, x, y)
    v = k == 0 ? luma + below(91881 * cr + 32768, 65536) \
      : k == 1 ? luma + below(32768 - 22554 * cb - 46802 * cr, 65536) \
               : luma + below(116130 * cb + 32768, 65536)
  }
  v = clip(v)
  return c == 3 && x == 41 && y > 20 && y < 30 ? clip(v + 4 * (y - 25)) : v
}
# A picture that a program made of chroma at half resolution; a few samples were changed since.
# Y is Q[0, x, y]; knot (i, j) of U and V is Q[k, i, j].
function codes(k, x, y) {
  for (y = -1; y <= h; y++)
    for (x = -1; x <= w; x++) {
      Q[0, x, y] = 40 + int((wave(x + 2 * y, 53) + wave(y, 37)) / 3) + noise() % 4
      Q[1, x, y] = 110 + int(wave(x, 29) / 9) + int(noise() / 9) % 2
      Q[2, x, y] = 120 + int(wave(y, 31) / 11) + int(noise() / 9) % 2
    }
}
function knot(k, i, j, i2, j2, wi, wj) { # weights of the second ones in quarters
  return int(((4 - wi) * ((4 - wj) * Q[k, i, j] + wj * Q[k, i, j2]) \
    + wi * ((4 - wj) * Q[k, i2, j] + wj * Q[k, i2, j2]) + 8) / 16)
}
function frame(k, x, y, i, j, i2, j2, l, u, v) {
  i = int(x / 2); j = int(y / 2)
  l = Q[0, x, y]
  if (kind == "frame") { # ffmpeg, BT.709
    u = 8 * (Q[1, i, j] - 128); v = 8 * (Q[2, i, j] - 128)
    l = below(8 * (l - 16) * 9539, 65536)
    v = k == 0 ? l + below(14686 * v, 65536) \
      : k == 1 ? l + below(-1747 * u, 65536) + below(-4366 * v, 65536) \
               : l + below(17305 * u, 65536)
  } else if (kind == "avif") { # libyuv, full range, chroma between the pixels
    i2 = x % 2 ? i + 1 : i - 1; j2 = y % 2 ? j + 1 : j - 1
    if (i2 < 0) i2 = 0; if (j2 < 0) j2 = 0
    if (i2 > int((w - 1) / 2)) i2 = i; if (j2 > int((h - 1) / 2)) j2 = j
    u = knot(1, i, j, i2, j2, 1, 1) - 128; v = knot(2, i, j, i2, j2, 1, 1) - 128
    l = int(257 * l * 16320 / 65536) + 32
    v = below(k == 0 ? l + 90 * v : k == 1 ? l - 22 * u - 46 * v : l + 113 * u, 64)
  } else { # PhotoCD, cut out behind the first column
    i = int((x + 1) / 2); i2 = (x + 1) % 2 ? i + 1 : i; j2 = y % 2 ? j + 1 : j
    u = 22179 * (knot(1, i, j, i2, j2, i2 > i ? 2 : 0, j2 > j ? 2 : 0) - 156)
    v = 18215 * (knot(2, i, j, i2, j2, i2 > i ? 2 : 0, j2 > j ? 2 : 0) - 137)
    l *= 13584
    v = below(k == 0 ? l + v \
      : k == 1 ? l - 1940 * below(u, 10000) - 5090 * below(v, 10000) - 1 : l + u, 10000)
  }
  v = clip(v)
  return x == 41 && y > 20 && y < 30 ? clip(v + 4 * (y - 25)) : v
}
BEGIN {
  seed = 4711
  if (kind == "frame" || kind == "avif" || kind == "photocd")
    codes()
  if (kind == "history") {
    split("8192 10703 8192 4433 8192 4433 -8192 -10704 " \
      "8192 -4433 -8192 10704 8192 -10703 8192 -4433", A)
    split("11363 9633 6437 2260 9633 -2259 -11362 -6436 " \
      "6437 -11362 2261 9633 2260 -6436 9633 -11363", B)
    split("16 11 10 16 24 40 51 61 12 12 14 19 26 58 60 55 14 13 16 24 40 57 69 56 " \
      "14 17 22 29 51 87 80 62 18 22 37 56 68 109 103 77 24 35 55 64 81 104 113 92 " \
      "49 64 78 87 103 121 120 101 72 92 95 98 112 100 103 99", K)
    plane(0, int((w + 15) / 16) * 2, int((h + 15) / 16) * 2)
    for (k = 1; k < c; k++)
      plane(k, int((w + 15) / 16), int((h + 15) / 16))
  }
  if (c == 2)
    printf "P7\nWIDTH %d\nHEIGHT %d\nDEPTH 2\nMAXVAL %d\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n",
      w, h, max
  else
    printf "%s\n%d %d\n%d\n", c == 1 ? "P2" : "P3", w, h, max
  for (y = 0; y < h; y++)
    for (x = 0; x < w; x++) {
      luma = wave(x * 2 + y, 61)
      cb = int(x / 8) % 24 - 10
      cr = int(y / 8) % 20 - 6
      for (k = 0; k < c; k++) {
        n = noise()
        if (kind == "history") v = history(k, x, y)
        else if (kind == "frame" || kind == "avif" || kind == "photocd") v = frame(k, x, y)
        else if (kind == "noise") v = n % (max + 1)
        else if (kind == "flat") v = clip(7 * k + 3)
        else if (kind == "few") v = int(n % 7 / 3) * int(max / 2)
        else if (kind == "drawn") # glyphs of 5 x 7 on plain ground
          v = x % 8 < 2 || y % 12 < 5 ? max - k \
            : (int(x / 8) % 5 * 7 + y % 12 * (x % 8) + x % 8) % 5 < 2 ? 9 * k : max - k
        else if (kind == "jpeg") # full-range BT.601 in 1/65536
          v = k == 0 ? luma + int((91881 * cr + 32768 * 257) / 65536) - 128 \
            : k == 1 ? luma - int((22554 * cb + 46802 * cr + 32768 * 257) / 65536) + 128 \
                     : luma + int((116130 * cb + 32768 * 257) / 65536) - 128
        else if (kind == "webp") # libwebp's integers; every int() is of something positive
          v = int((int(19077 * (int(luma * 219 / 255) + 16) / 256) \
            + (k == 0 ? int(26149 * (cr + 128) / 256) - 14234 \
             : k == 1 ? 8708 - int(6419 * (cb + 128) / 256) - int(13320 * (cr + 128) / 256) \
                      : int(33050 * (cb + 128) / 256) - 17685)) / 64)
        else if (kind == "comb") # eight bits in sixteen
          v = 257 * int((int((wave(x + 3 * k, 47) + wave(y, 31)) / 2) + n % 1000) / 257)
        else if (kind == "twin") { # both channels alike, nearly
          if (k == 0)
            twin = int((wave(x, 47) + wave(y, 31)) / 2) + n % 5
          v = twin + (k == 1 && x % 20 == 7)
        } else v = int((wave(x + 3 * k, 47) + wave(y, 31)) / 2) + n % 3
        if (c == 2)
          printf "%c", clip(v)
        else
          print clip(v)
      }
    }
}
