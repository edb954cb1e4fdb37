# SPDX-License-Identifier: BSD-3-Clause
#
# pictures.awk: tiny pictures as plain (decimal) PGM or PPM or, with alpha, as PAM, in
# whole numbers only, so that every awk draws the same:
# -v kind=K -v w=W -v h=H -v c=1|2|3 -v max=MAXVAL (c=2: max < 256).
function clip(v) { return v < 0 ? 0 : v > max ? max : v }
function noise() { seed = (seed * 16807) % 2147483647; return seed }
# A wave of period p between 0 and max: a triangle.
function wave(t, p) { t = t % p; return int((t * 2 < p ? t : p - t) * 2 * max / p) }
BEGIN {
  seed = 4711
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
        if (kind == "noise") v = n % (max + 1)
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
