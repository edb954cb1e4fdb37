#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Makes a model of feature set 2 (linear.h) from a folder of pictures: no network, but sixteen
linear predictors a plane, chosen by the texture around a sample.

usage: linear.py --images FOLDER --title NAME --effort N --out NAME.idfm [--manifest FILE]
                 [--pictures N] [--side N] [--seed S] [--data TEXT] [--commit ID]

What is no picture, or a smaller one, is left out; the exit status is 1 if nothing is left.
From each picture a square of --side pixels is taken at random, in YCoCg-R. For each plane in
turn: thresholds of the activity, such that classes are equally full; coefficients by weighted
least squares in each class, weights 1 / (2 + error) of the round before; weights of the error
level by non-negative least squares; and for each quarter octave of that the scale that codes
its samples in the fewest bits. Takes minutes.
"""
import argparse
import glob
import hashlib
import json
import os
import random
import struct
import time

import numpy as np
from PIL import Image

# As in linear.c: (dx, dy) means x + dx, y - dy; neighbours in a pair are side by side.
OWN = ([(-4, 0), (-3, 0), (-2, 0), (-1, 0), (-3, 1), (-2, 1), (-1, 1), (0, 1), (1, 1), (2, 1),
        (-2, 2), (-1, 2), (0, 2), (1, 2), (-1, 3), (0, 3)],
       [(-2, 0), (-1, 0), (-3, 1), (-2, 1), (-1, 1), (0, 1), (1, 1), (2, 1), (-1, 2), (0, 2),
        (1, 2), (2, 2)])
CROSS = [(-1, 0), (0, 0), (-1, 1), (0, 1), (1, 1), (2, 1), (0, 2), (1, 2)]
NEAREST = [(-1, 0), (0, 1), (1, 1), (-1, 1)]
ERRORS = [(-1, 0), (0, 1), (-1, 1), (1, 1), (-2, 0), (0, 2)]
THRESHOLDS, CLASSES, BINS = 7, 16, 53
Q_COEF, ONE, SCALES, LIMIT, NONE = 12, 40, 168, 8191, 64


def eighths(v):
    """Eighths of octaves above 16, v >= 16: linear between powers of two."""
    top = np.frexp(v.astype(np.float64))[1] - 1
    return 8 * (top - 4) + ((v >> (top - 3)) & 7)


def at(plane, dx, dy, beyond=None):
    """A plane's neighbours; beyond the border the nearest ones, or a number."""
    height, width = plane.shape
    ys, xs = np.arange(height) - dy, np.arange(width) + dx
    out = plane[np.clip(ys, 0, height - 1)][:, np.clip(xs, 0, width - 1)]
    if beyond is not None:
        out = out.copy()
        out[(ys < 0) | (ys >= height)] = beyond
        out[:, (xs < 0) | (xs >= width)] = beyond
    return out


def planes_of(picture):
    r, g, b = (picture[:, :, i].astype(np.int32) for i in range(3))
    co = r - b
    t = b + (co >> 1)
    return [t + ((g - t) >> 1), co, g - t]


class Square:
    """What is asked of one picture's plane p: errors are of the planes before it, in Q4."""

    def __init__(self, planes, p, errors):
        s = self.sample = planes[p]
        west, north, nw, ne = (at(s, *t) for t in ((-1, 0), (0, 1), (-1, 1), (1, 1)))
        self.across = (abs(west - at(s, -2, 0)) + abs(north - nw) + abs(north - ne)).ravel()
        self.down = (abs(west - nw) + abs(north - at(s, 0, 2)) + abs(ne - at(s, 1, 2))).ravel()
        self.errors = [e.ravel() for e in errors]
        self.activity = self.across + self.down + sum(e >> 3 for e in self.errors)
        self.columns = [at(s, *t).ravel() for t in OWN[p > 0]]
        for q in range(p):
            self.columns += [at(planes[q], *t).ravel() for t in CROSS]
        self.columns = np.stack(self.columns, 1).astype(np.float32)
        self.p = p

    def classes(self, thresholds):
        return 2 * np.searchsorted(thresholds, self.activity, "right") + (self.across > self.down)

    def centred(self):
        """Columns and target less the means of the nearest neighbours in their planes."""
        own = len(OWN[self.p > 0])
        x, means = self.columns.copy(), []
        groups = [(0, own, OWN[self.p > 0])]
        groups += [(own + 8 * q, own + 8 * q + 8, CROSS) for q in range(self.p)]
        for lo, hi, taps in groups:
            means.append(sum(self.columns[:, lo + taps.index(t)] for t in NEAREST) / 4)
            x[:, lo:hi] -= means[-1][:, None]
        return x, self.sample.ravel() - means[0]

    def location(self, coef, thresholds):
        v = (self.columns * coef[self.classes(thresholds)].astype(np.float32)).sum(1, np.float64)
        return np.floor((v + 32) / 64).astype(np.int64)

    def features(self, error):
        out = [at(error, *t, beyond=NONE).ravel() for t in ERRORS]
        out += [np.minimum(v * 16, LIMIT) for v in (self.across, self.down)]
        return np.stack(out + self.errors + [np.full(error.size, 16)], 1)


def whole(coef, p):
    """Centred coefficients to those of plain samples in Q12, of sum 1 and of sums 0."""
    own = len(OWN[p > 0])
    out = np.zeros(coef.shape, np.int64)
    for n, row in zip(out, coef):
        for lo, hi, taps, total in ([(0, own, OWN[p > 0], 1 << Q_COEF)]
                                    + [(own + 8 * q, own + 8 * q + 8, CROSS, 0)
                                       for q in range(p)]):
            c = row[lo:hi] * (1 << Q_COEF)
            rest = (total - c.sum()) / 4
            for t in NEAREST:
                c[taps.index(t)] += rest
            n[lo:hi] = np.round(c)
            n[lo + taps.index((-1, 0))] += total - n[lo:hi].sum()
    return np.clip(out, -32768, 32767)


def nonnegative(a, b):
    active = [i for i in range(len(b)) if a[i, i] > 0]
    while True:
        z = np.linalg.solve(a[np.ix_(active, active)], b[active])
        if (z >= 0).all():
            out = np.zeros(len(b))
            out[active] = z
            return out
        active = [i for i, v in zip(active, z) if v >= 0]


def solve(squares, p, thresholds):
    n = len(OWN[p > 0]) + 8 * p
    coef = None
    for turn in range(3):
        a, b = np.zeros((CLASSES, n, n)), np.zeros((CLASSES, n))
        for q in squares:
            x, target = q.centred()
            classes = q.classes(thresholds)
            if coef is None:
                weight = 1 / (2 + q.activity / 4)
            else:
                weight = 1 / (2 + abs(target - (x * coef[classes]).sum(1)))
            for c in range(CLASSES):
                rows = classes == c
                scaled = x[rows] * weight[rows, None].astype(np.float32)
                a[c] += scaled.T @ x[rows]
                b[c] += scaled.T @ target[rows]
        coef = np.stack([np.linalg.solve(a[c] + np.eye(n), b[c]) for c in range(CLASSES)])
        coef = coef.astype(np.float32)
    return whole(coef.astype(np.float64), p)


def level_weights(known):
    weight = None
    for _ in range(3):
        n = known[0][0].shape[1]
        a, b = np.zeros((n, n)), np.zeros(n)
        for features, error in known:
            level = features.mean(1) + 4 if weight is None else np.maximum(features @ weight, 1)
            scaled = features / (level * level)[:, None]
            a += scaled.T @ features
            b += scaled.T @ error
        weight = nonnegative(a, b)
    return np.clip(np.round(256 * weight), 0, 255).astype(np.int64)


def bits(d, scale):
    """Of samples at distances d (Q6) from a location."""
    s = 2.0 ** ((scale - ONE) / 8)
    p = (np.tanh((d / 64 + .5) / (2 * s)) - np.tanh((d / 64 - .5) / (2 * s))) / 2
    return -np.log2(p * .99 + 1e-5).sum()


def adjustments(level, distance):
    out, bins = np.zeros(BINS, np.int64), level >> 1
    known = []
    for b in range(BINS):
        some = np.flatnonzero(bins == b)[:30000]
        if len(some) < 100:
            continue
        base, d = ONE - 32 + level[some], distance[some]
        costs = [sum(bits(d[base == k], np.clip(k + v, 0, SCALES - 1)) for k in np.unique(base))
                 for v in range(-24, 25)]
        out[b] = int(np.argmin(costs)) - 24
        known.append(b)
    if not known:
        raise SystemExit("linear.py: too few pixels: give more pictures, or a larger --side")
    for b in range(BINS):
        if b not in known:
            out[b] = out[min(known, key=lambda k: abs(k - b))]
    return out


def blob(options, planes):
    out = b"IDFMODEL" + struct.pack("<BBBB20s", 1, options.effort, 2, 0, options.title.encode())
    for plane in planes:
        for table in plane:
            out += np.asarray(table).astype("<i2").tobytes()
    return out


def squares_of(folder, paths, side, rng):
    """The planes of a square of each picture; ends with what is wrong if there is none."""
    pictures, small, unread = [], 0, 0
    for path in paths:
        try:
            picture = np.asarray(Image.open(path).convert("RGB"))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            unread += 1
            continue
        if min(picture.shape[:2]) < side:
            small += 1
            continue
        y, x = (rng.randrange(n - side + 1) for n in picture.shape[:2])
        pictures.append(planes_of(picture[y:y + side, x:x + side]))
    if not pictures:
        raise SystemExit(f"linear.py: {folder}: has no usable picture: {small} too small for "
                         f"--side {side}, {unread} not readable as one")
    return pictures


def main():
    parser = argparse.ArgumentParser(description="makes a linear model")
    for name in ("images", "title", "out"):
        parser.add_argument("--" + name, required=True)
    for name in ("manifest", "data", "commit"):
        parser.add_argument("--" + name, default="")
    parser.add_argument("--effort", type=int, required=True)
    parser.add_argument("--pictures", type=int, default=1 << 30)
    parser.add_argument("--side", type=int, default=192)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not os.path.isdir(options.images):
        raise SystemExit(f"linear.py: {options.images}: is no folder")
    if not os.path.isdir(os.path.dirname(options.out) or "."):
        raise SystemExit(f"linear.py: {options.out}: there is no such folder")
    if not (16 <= options.side and 1 <= options.effort <= 9 and len(options.title) <= 20
            and options.title.isascii()):
        raise SystemExit("linear.py: --side is 16 or more, --effort 1 to 9, --title up to 20 "
                         "ASCII characters")
    rng, start = random.Random(options.seed), time.time()
    paths = sorted(glob.glob(os.path.join(glob.escape(options.images), "*")))
    rng.shuffle(paths)
    side = options.side
    pictures = squares_of(options.images, paths[:options.pictures], side, rng)
    errors = [[] for _ in pictures]
    model, valid = [], []
    for p in range(3):
        squares = [Square(planes, p, e) for planes, e in zip(pictures, errors)]
        some = np.concatenate([q.activity[::7] for q in squares])
        thresholds = np.ceil(np.quantile(some, np.arange(1, THRESHOLDS + 1) / (THRESHOLDS + 1)))
        coef = solve(squares, p, thresholds)
        known, distances = [], []
        for q, e in zip(squares, errors):
            distance = q.sample.ravel() * 64 - q.location(coef, thresholds)
            error = np.minimum(abs(distance) >> 2, LIMIT)
            e.append(error.reshape(side, side))
            known.append((q.features(e[-1]).astype(np.int32), error))
            distances.append(distance)
        weight = level_weights(known)
        level = [eighths(np.clip((f @ weight) >> 4, 16, 1 << 17)) for f, _ in known]
        level, distances = np.concatenate(level), np.concatenate(distances)
        adjust = adjustments(level, distances)
        scale = np.clip(ONE - 32 + level + adjust[level >> 1], 0, SCALES - 1)
        valid.append(round(float(sum(bits(distances[scale == k], k) for k in np.unique(scale))
                                 / len(scale)), 4))
        model.append((thresholds, weight, adjust, coef))
        print(f"plane {p}: {valid[-1]} bits per sample, thresholds {thresholds.astype(int)}, "
              f"weights {weight}", flush=True)
    data = blob(options, model)
    with open(options.out, "wb") as file:
        file.write(data)
    if options.manifest:
        notes = {"title": options.title, "effort": options.effort, "bytes": len(data),
                 "sha256": hashlib.sha256(data).hexdigest(), "seed": options.seed,
                 "pictures": len(pictures), "side": side, "seconds": round(time.time() - start),
                 "bits_per_sample": valid, "data": options.data, "commit": options.commit}
        with open(options.manifest, "w", encoding="ascii") as file:
            file.write(json.dumps(notes, indent=2) + "\n")


if __name__ == "__main__":
    main()
