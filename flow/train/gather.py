# SPDX-License-Identifier: BSD-3-Clause
"""Turns a folder of pictures into training records, for idf-train: it decides what is read, how
much of it, what is set aside for validation, and whether the records of an earlier run can be used.

NumPy and Pillow are imported where they are used: the command line works without them.
"""
import concurrent.futures
import glob
import hashlib
import json
import os
import random
import sys
import time
import types

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".pnm", ".pgm", ".ppm")
LEAST_SIDE, MOST_SIDE = 256, 1024  # of the crops that keep to --megapixels


class Failure(Exception):
    """Said to the user as it is."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def clock(seconds):
    seconds = max(0, round(seconds))
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def pictures(folder):
    """Paths of all pictures in and below the folder, and a digest of names and contents."""
    if not os.path.isdir(folder):
        raise Failure(f"{folder}: is no folder")
    paths = sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names
                   if name.lower().endswith(ENDINGS))
    good, sizes, digest = [], [], hashlib.sha256()
    from PIL import Image
    for path in paths:
        try:
            with Image.open(path) as picture:
                if picture.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA"):
                    say(f"idf-train: {path}: left out: neither 8 bits a sample, gray nor RGB")
                    continue
                size = picture.size
            with open(path, "rb") as file:
                content = hashlib.sha256(file.read()).hexdigest()
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            say(f"idf-train: {path}: left out: {error}")
            continue
        good.append(path)
        sizes.append(size)
        digest.update(f"{content} {os.path.relpath(path, folder)}\n".encode())
    if len(good) < 2:
        raise Failure(f"{folder}: has {len(good)} pictures: two are the least, one to train on "
                      "and one to validate with")
    return good, sizes, digest.hexdigest()


def mostly_gray(folder):
    """Whether at least half of the pictures in and below the folder have no colour."""
    from PIL import Image
    gray = total = 0
    for at, _, names in os.walk(folder):
        for name in names:
            if name.lower().endswith(ENDINGS):
                try:
                    with Image.open(os.path.join(at, name)) as picture:
                        gray += picture.mode in ("1", "L", "LA")
                        total += 1
                except (OSError, ValueError, Image.DecompressionBombError):
                    pass  # pictures() says so
    return total > 0 and 2 * gray >= total


def crop_side(sizes, pixels):
    """The largest side of crops with which all pictures together have so many pixels."""
    for side in range(MOST_SIDE, LEAST_SIDE, -32):
        if sum(min(w, side) * min(h, side) for w, h in sizes) <= pixels:
            return side
    return LEAST_SIDE


def reader(side, stop, gray):
    """What dataset.run calls for each picture: kind and samples, of a crop at random."""
    import dataset
    import numpy as np
    from PIL import Image

    def read(path, first, rng):
        if stop.asked:
            raise InterruptedError
        with Image.open(path) as picture:
            # A JPEG's pixels are coded as the planes they were computed from.
            once_jpeg = picture.format == "JPEG" and picture.mode == "RGB" and not gray
            kind = dataset.YCBCR if once_jpeg else None
            if kind is not None:
                picture.draft("YCbCr", picture.size)
                if picture.mode != "YCbCr":
                    kind = None
            elif picture.mode in ("1", "L", "LA"):
                kind = dataset.GRAY
            if kind != dataset.YCBCR:
                picture = picture.convert("L" if kind == dataset.GRAY else "RGB")
            if max(picture.size) > side:
                left = rng.randrange(max(1, picture.width - side + 1))
                top = rng.randrange(max(1, picture.height - side + 1))
                picture = picture.crop((left, top, min(left + side, picture.width),
                                        min(top + side, picture.height)))
            if kind is None:
                return (dataset.gray_variant if gray else dataset.variant)(picture, first, rng)
            return kind, np.asarray(picture if first else dataset.turned(picture, rng))
    return read


def records(o, stop, gray=False):
    """Makes the records beside the state, or finds those of an earlier run there. Returns
    their files and what the manifest says of them. With `gray` they are of one plane, for the
    network for one."""
    import dataset
    paths, sizes, digest = pictures(o.folder)
    pixels = o.megapixels * 1e6
    step = min(25, len(paths))
    side = crop_side(sizes, pixels)
    most = int(pixels // side ** 2)
    if side == LEAST_SIDE and len(paths) > max(2, most):
        keep = sorted(random.Random(o.seed).sample(range(len(paths)), max(2, most)))
        say(f"idf-train: {len(keep)} of {len(paths)} pictures are used: raise --megapixels")
        paths, sizes = [paths[i] for i in keep], [sizes[i] for i in keep]
        step = min(25, len(paths))
    used = sum(min(w, side) * min(h, side) for w, h in sizes)
    rate = o.rate or min(1, 3e6 / (used * o.passes))
    about = {"pictures": len(paths), "digest": digest, "crop": side, "rate": rate,
             "passes": o.passes, "jobs": o.jobs, "seed": o.seed, "gray": gray}
    noted = o.state + ".json"
    names = [f"{o.state}.train.{i}" for i in range(o.jobs)] + [o.state + ".valid"]
    if os.path.exists(noted):
        with open(noted, encoding="utf-8") as file:
            try:
                before = json.load(file)
            except ValueError:
                before = None
        if before != about:
            raise Failure(f"{noted}: the work there has other pictures or settings: remove "
                          f"{o.state}*, or give another --state")
        if all(map(os.path.exists, names)):
            return names, about
    train = [p for i, p in enumerate(paths) if i % step != step // 2]
    valid = [p for i, p in enumerate(paths) if i % step == step // 2]
    say(f"{len(train)} pictures to train on, {len(valid)} to validate with, "
        f"{used / 1e6:.1f} megapixels, {o.passes} passes")

    read, done, failed, begun = reader(side, stop, gray), [0], [False], time.time()
    total = len(train) * o.passes + len(valid)

    def counted(path, first, rng):
        if failed[0]:
            raise InterruptedError
        result = read(path, first, rng)
        done[0] += 1
        if sys.stderr.isatty():
            left = (time.time() - begun) / done[0] * (total - done[0])
            print(f"\rrecords: picture {min(done[0], total)} of {total}, {clock(left)} left ",
                  end="", file=sys.stderr, flush=True)
        return result

    def make(part, chosen, passes, out):
        if not chosen:
            open(out, "wb").close()
            return
        options = types.SimpleNamespace(features=o.features, rate=rate, gray=gray,
                                        seed=o.seed + 1000 * part)
        dataset.run(options, chosen, passes, out, counted)

    with concurrent.futures.ThreadPoolExecutor(o.jobs) as pool:
        work = [pool.submit(make, i, train[i::o.jobs], o.passes, names[i]) for i in range(o.jobs)]
        work.append(pool.submit(make, 0, valid, 1, names[o.jobs]))
        try:
            for one in work:
                one.result()
        except (InterruptedError, BrokenPipeError, SystemExit) as error:
            failed[0] = True
            pool.shutdown(cancel_futures=True)
            remove(o)
            if stop.asked:
                raise InterruptedError from error
            raise Failure("the program that computes features failed: is the disk full?") from error
    if sys.stderr.isatty():
        say("")
    with open(noted, "w", encoding="utf-8") as file:
        json.dump(about, file)
    return names, about


def remove(o):
    for path in [o.state] + glob.glob(glob.escape(o.state) + ".*"):
        if os.path.exists(path):
            os.remove(path)
