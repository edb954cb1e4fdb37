#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Turns a folder of pictures into training records with the codec's own feature code.

usage: dataset.py --features BIN --images FOLDER --out FILE [--valid FILE] [--rate R] [--passes N]
                  [--seed S] [--part I/N] [--gray]

The first pass shows every picture as it is, in YCoCg-R. Later passes augment: a quarter
of the pictures go through JPEG and are given as the decoder's Y, Cb, Cr; some
become gray; some are coded as G, R-G, B-G; all are flipped or transposed at random. One picture in
25 is kept for validation, unaugmented. --part lets several processes share the work.

--gray makes the records of the network for one plane: luma (Rec. 601) as the first pass; later
ones take some from JPEG, some pictures' green channel, and turn all.
"""
import argparse
import io
import os
import random
import struct
import subprocess

import numpy as np
from PIL import Image

YCOCG, YCBCR, GRAY, GREEN = range(4)


def through_jpeg(picture, rng):
    """The planes a JPEG decoder computes before it converts to RGB."""
    buffer = io.BytesIO()
    quality, sampling = rng.choice([75, 80, 85, 90, 92, 95]), rng.choice([0, 0, 2, 2, 1])
    picture.save(buffer, "JPEG", quality=quality, subsampling=sampling)
    back = Image.open(io.BytesIO(buffer.getvalue()))
    back.draft("YCbCr", back.size)
    assert back.mode == "YCbCr"
    return np.asarray(back)


def turned(picture, rng):
    for flip in (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM,
                 Image.Transpose.TRANSPOSE):
        if rng.random() < 0.5:
            picture = picture.transpose(flip)
    return picture


def gray_variant(picture, first, rng):
    """The same for the network for one plane: gray always."""
    if first:
        return GRAY, np.asarray(picture.convert("L"))
    picture = turned(picture, rng)
    draw = rng.random()
    if draw < 0.15:
        return GRAY, through_jpeg(picture, rng)[:, :, 0]
    if draw < 0.30:
        return GRAY, np.asarray(picture)[:, :, 1]
    return GRAY, np.asarray(picture.convert("L"))


def variant(picture, first, rng):
    """Kind and samples of an RGB picture, augmented unless it is the first pass."""
    if first:
        return YCOCG, np.asarray(picture)
    picture = turned(picture, rng)
    draw = rng.random()
    if draw < 0.25:
        return YCBCR, through_jpeg(picture, rng)
    if draw < 0.40:
        return GRAY, np.asarray(picture.convert("L"))
    if draw < 0.50:
        return GREEN, np.asarray(picture)
    return YCOCG, np.asarray(picture)


def read(path, first, rng):
    return variant(Image.open(path).convert("RGB"), first, rng)


def read_gray(path, first, rng):
    return gray_variant(Image.open(path).convert("RGB"), first, rng)


def run(options, paths, passes, out, reader=read):
    """One program of features; `reader` gives kind and samples of a path."""
    rng = random.Random(options.seed)
    command = [options.features, str(round(options.rate * 65536)), str(options.seed)]
    if options.gray:
        command.append("gray")
    with open(out, "wb") as target:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=target)
        for i in range(passes):
            for path in paths:
                kind, a = reader(path, i == 0, rng)
                child.stdin.write(struct.pack("<III", a.shape[1], a.shape[0], kind))
                child.stdin.write(np.ascontiguousarray(a).tobytes())
        child.stdin.close()
        if child.wait() != 0:
            raise SystemExit("features failed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--features", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--valid")
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gray", action="store_true")
    parser.add_argument("--part", default="0/1")
    options = parser.parse_args()
    names = sorted(n for n in os.listdir(options.images)
                   if n.lower().endswith((".png", ".webp", ".jpg", ".jpeg", ".ppm")))
    paths = [os.path.join(options.images, n) for n in names]
    part, parts = map(int, options.part.split("/"))
    train = [p for i, p in enumerate(paths) if i % 25 != 12]
    valid = [p for i, p in enumerate(paths) if i % 25 == 12]
    options.seed += 1000 * part
    reader = read_gray if options.gray else read
    run(options, train[part::parts], options.passes, options.out, reader)
    if options.valid and part == 0:
        run(options, valid, 1, options.valid, reader)


if __name__ == "__main__":
    main()
