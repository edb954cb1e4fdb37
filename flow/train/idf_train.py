#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Trains a model on a folder of pictures: the command idf-train, see idf-train(1).

This file decides what is done when; the work is that of gather.py (pictures to records),
network.py and train.py (PyTorch) and export.py (integers). What is exported is the state that
was best on the validation pictures after rounding to the codec's integers, and the model
that training starts from is the first such state: the result is never worse than the start.
"""
import argparse
import copy
import hashlib
import importlib.util
import json
import math
import os
import signal
import sys
import time
import warnings

from gather import Failure, clock, mostly_gray, records, remove, say

HERE = os.path.dirname(os.path.realpath(__file__))
NEEDED = (("numpy", "python3-numpy"), ("PIL", "python3-pil"), ("torch", "python3-torch"))
VALIDATED = 65536   # records, at most
LOOKS = 20          # evaluations in a whole run
BATCH = 4096


class Stop:
    """SIGINT and SIGTERM ask once to save and end; a second one ends at once."""
    def __init__(self):
        self.asked = False
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self.ask)

    def ask(self, number, _):
        if self.asked:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        self.asked = True


def require_modules(names):
    missing = [(module, package) for module, package in NEEDED
               if module in names and importlib.util.find_spec(module) is None]
    if missing:
        raise Failure(f"Python at {sys.executable} has no "
                      + ", ".join(module for module, _ in missing)
                      + " (Debian: apt install " + " ".join(package for _, package in missing)
                      + "; another Python: set PYTHON)")


# ---- the command line ----------------------------------------------------------------

def numbers(text, kind, least, most, what):
    try:
        values = [kind(part) for part in text.split(",")]
    except ValueError:
        values = []
    if not values or not all(least <= v <= most for v in values):
        raise Failure(f"{what}: not {text!r}")
    return values


def three_widths(text, option):
    if not text:
        return None
    say_so = option + ": give three multiples of 16 up to 128"
    widths = numbers(text, int, 16, 128, say_so)
    if len(widths) != 3 or any(w % 16 for w in widths):
        raise Failure(say_so)
    return widths


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="idf-train", allow_abbrev=False, usage="idf-train FOLDER -o MODEL [OPTION]...",
        description="Train a model for cidf and didf on a folder of pictures. "
                    "Manual: man idf-train")
    add = parser.add_argument
    add("folder", metavar="FOLDER", help="pictures (PNG, JPEG, WebP, PNM), and folders of them")
    add("-o", "--output", metavar="MODEL", help="the model to write, an .idfm file")
    add("-f", "--force", action="store_true", help="replace an existing model")
    add("--start", metavar="MODEL", help="begin with this model: default (the default), a file, "
        "or none; one with a network, which fast has not")
    add("--minutes", metavar="M", help="train for so long (10)")
    add("--steps", metavar="N", help="or for so many batches of %d records" % BATCH)
    add("--widths", metavar="A,B,C", help="widths of a new network: multiples of 16 up to 128")
    add("--gray", action="store_true", help="then train the network for one plane too, for as long")
    add("--gray-widths", metavar="A,B,C", help="its widths, if it is new (96,64,32)")
    add("--state", metavar="FILE", help="where the work is kept until it is done (MODEL.state)")
    add("--title", metavar="TEXT", help="name in the model, up to 20 characters (MODEL's name)")
    add("--effort", metavar="E", default="5", help="the effort noted in the model (5)")
    add("--megapixels", metavar="N", default="40", help="pixels of all pictures used, at most (40)")
    add("--passes", metavar="N", default="2", help="passes over the pictures; all but the first "
        "turn, recompress or gray them (2)")
    add("--rate", metavar="R", help="records for each pixel (as many as make 3 million)")
    add("--jobs", metavar="N", help="processes that make records (one for each processor)")
    add("--seed", metavar="N", default="1", help="of everything random (1)")
    add("--manifest", metavar="FILE", help="write what the model was made of, as JSON")
    add("--commit", metavar="ID", default="", help="version of the sources, for the manifest")
    add("--data", metavar="TEXT", default="", help="what the pictures are, for the manifest")
    add("--prepare", action="store_true", help="only make the records beside the state")
    add("--features", metavar="FILE", help=argparse.SUPPRESS)
    o = parser.parse_args(arguments)

    if not o.output:
        raise Failure("no model to write: give -o MODEL")
    if o.minutes and o.steps:
        raise Failure("--minutes and --steps: give one of them")
    o.steps = numbers(o.steps, int, 1, 10**9, "--steps: give a number")[0] if o.steps else None
    o.minutes = None if o.steps else numbers(o.minutes or "10", float, 0.01, 1e6,
                                             "--minutes: give a number")[0]
    o.widths = three_widths(o.widths, "--widths")
    if o.gray_widths and not o.gray:
        raise Failure("--gray-widths: give --gray with it")
    o.gray_widths = three_widths(o.gray_widths, "--gray-widths")
    if o.start is None:
        o.start = "none" if o.widths else "default"
    if o.start != "none" and o.widths:
        raise Failure("--widths is for a new network: give --start none with it")
    if is_linear(start_file(o.start)):
        raise Failure(f"--start: {o.start} is of feature set 2, linear predictors: it has no "
                      "network to train")
    o.rate = numbers(o.rate, float, 1e-6, 1, "--rate: give a number up to 1")[0] if o.rate else None
    o.megapixels = numbers(o.megapixels, float, 0.01, 1e6, "--megapixels: give a number")[0]
    o.passes = numbers(o.passes, int, 1, 1000, "--passes: give a number")[0]
    o.seed = numbers(o.seed, int, 0, 2**31, "--seed: give a number")[0]
    o.jobs = numbers(o.jobs or str(os.cpu_count() or 1), int, 1, 256, "--jobs: give a number")[0]
    o.effort = numbers(o.effort, int, 1, 9, "--effort: give a number from 1 to 9")[0]
    o.title = o.title or os.path.splitext(os.path.basename(o.output))[0][:20]
    if len(o.title) > 20 or not (o.title.isascii() and o.title.isprintable()):
        raise Failure("--title: give up to 20 printable ASCII characters")
    if os.path.exists(o.output) and not o.force:
        raise Failure(f"{o.output}: exists: give -f to replace it")
    folder = os.path.dirname(o.output) or "."
    if not os.path.isdir(folder):
        raise Failure(f"{o.output}: there is no folder {folder}")
    o.keep_state = o.state is not None
    o.state = o.state or o.output + ".state"
    if not o.features or not os.access(o.features, os.X_OK):
        raise Failure(f"{o.features}: the program that computes features is not there: "
                      "install idf completely, or run make")
    return o


def start_file(name):
    """The file of a built-in model, or the name itself."""
    built_in = os.path.join(HERE, "..", "models", name + ".idfm")
    if os.sep not in name and os.path.exists(built_in):
        return built_in
    return name


def is_linear(path):
    """Whether a model has no network, as the built-in `fast`, which is no file where installed."""
    try:
        with open(path, "rb") as file:
            head = file.read(11)
    except OSError:
        return path == "fast"
    return head[:8] == b"IDFMODEL" and head[8:9] == b"\1" and head[10:] == b"\2"


# ---- training ---------------------------------------------------------------------------

def rounded(network):
    """The network with the weights that the codec's integers stand for."""
    import torch
    from network import ACT_Q, WEIGHT_Q
    result = copy.deepcopy(network)
    with torch.no_grad():
        for name, value in result.named_parameters():
            one = 2.0 ** (WEIGHT_Q + (ACT_Q if name.endswith("bias") else 0))
            value.copy_(torch.floor(value * one + 0.5) / one)
    return result


class Training:
    """All that the state file keeps. `new`: whether the network is."""
    def __init__(self, o, network, new):
        import torch
        self.o, self.network, self.new, self.peak = o, network, new, 3e-3 if new else 1e-3
        self.optimiser = torch.optim.Adam(network.parameters(), lr=self.peak, betas=(0.9, 0.99))
        self.step, self.seconds, self.records = 0, 0.0, 0
        self.best, self.best_bits, self.start_bits = None, None, None

    def made(self):
        """The options that a state cannot change."""
        return (f"--start {self.o.start} --widths {','.join(map(str, self.network.widths))} "
                f"--seed {self.o.seed}")

    def resume(self):
        import torch
        path = self.o.state
        if not os.path.exists(path):
            return
        try:
            saved = torch.load(path, weights_only=True)
            notes = json.loads(saved["notes"])
            if notes["made"] != self.made():
                raise Failure(f"{path}: was made with {notes['made']}: give the same, or remove it")
            self.network.load_state_dict(saved["network"])
            moments = self.optimiser.state_dict()
            moments["state"] = saved["moments"]
            self.optimiser.load_state_dict(moments)
            self.best = saved["best"]
            self.step, self.seconds = notes["step"], notes["seconds"]
            self.best_bits, self.start_bits = notes["best_bits"], notes["start_bits"]
        except Failure:
            raise
        except Exception as error:
            raise Failure(f"{path}: is no state of idf-train, or a damaged one: "
                          "remove it") from error
        say(f"continuing at step {self.step}")

    def save(self):
        import torch
        notes = {"made": self.made(), "step": self.step, "seconds": self.seconds,
                 "best_bits": self.best_bits, "start_bits": self.start_bits}
        # Tensors and a text: what PyTorch loads without running what a file says.
        state = {"network": self.network.state_dict(), "best": self.best,
                 "notes": json.dumps(notes),
                 "moments": self.optimiser.state_dict()["state"]}
        torch.save(state, self.o.state + ".new")
        os.replace(self.o.state + ".new", self.o.state)

    def progress(self):
        """The part of the work that is done, 1 at the end."""
        o = self.o
        return min(1, self.step / o.steps if o.steps else self.seconds / (60 * o.minutes))

    def look(self, valid, passes):
        """Validates, keeps the network if it is the best so far, saves."""
        import train
        network = rounded(self.network)
        planes = train.evaluate(network, valid)
        bits = planes.tolist()
        mean = float(planes[planes > 0].mean())
        better = self.best is None or mean < sum(self.best_bits) / len(self.best_bits)
        kept = [b for b in bits if b > 0]
        if better:
            self.best, self.best_bits = network.state_dict(), kept
        if self.start_bits is None:
            self.start_bits = kept
        part = self.progress()
        left = self.seconds / part * (1 - part) if part > 0 else 0
        say(f"step {self.step}, pass {passes:.1f}: {mean:.4f} bits per sample"
            f"{' (best)' if better else ''}, {clock(self.seconds)} gone, "
            + (f"{clock(left)} left" if part > 0 else "before training"))
        self.save()

    def run(self, data, valid, stop):
        from network import unpack
        batches = max(1, len(data) // BATCH)
        batch = min(BATCH, len(data))
        warm = 500 if self.new else 100
        if self.best is None:
            self.look(valid, 0)
        looks = math.floor(self.progress() * LOOKS)
        begun = time.time() - self.seconds
        while self.progress() < 1 and not stop.asked:
            rate = self.peak * min(1, (self.step + 1) / warm) * 0.5 * (
                1 + math.cos(math.pi * self.progress()))
            for group in self.optimiser.param_groups:
                group["lr"] = max(rate, 1e-6)
            at = self.step % batches * batch
            bits, mask = self.network(unpack(data[at:at + batch]))
            loss = (bits * mask).sum() / mask.sum()
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            self.step += 1
            self.seconds = time.time() - begun
            if math.floor(self.progress() * LOOKS) > looks:
                looks = math.floor(self.progress() * LOOKS)
                self.look(valid, self.step / batches)
        if stop.asked:
            self.look(valid, self.step / batches)


def begin_network(o):
    """The network to begin with, and the network for one plane if the model has one."""
    import export
    from network import Network
    if o.start == "none":
        return Network(*(o.widths or (32, 32, 16))), None
    path = start_file(o.start)
    try:
        with open(path, "rb") as file:
            return export.networks_of(file.read())
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise Failure(f"{path}: {error}") from error


def noted(o, training, about):
    """What the manifest says of a network."""
    return {"widths": list(training.network.widths), "start": "none" if training.new else o.start,
            "steps": training.step, "batch": BATCH, "records": training.records,
            "seconds": round(training.seconds),
            "start_bits_per_sample": [round(b, 4) for b in training.start_bits],
            "valid_bits_per_sample": [round(b, 4) for b in training.best_bits], **about}


def write_model(o, done, alone):
    """`done`: each training with what there is to say of its pictures, the colour network's first;
    `alone`: the network for one plane, if none was trained."""
    import export
    best = []
    for training, _ in done:
        best.append(copy.deepcopy(training.network))
        best[-1].load_state_dict(training.best)
    data = export.blob(best[0], o.title, o.effort, best[1] if len(best) > 1 else alone)
    with open(o.output + ".new", "wb") as file:
        file.write(data)
    os.replace(o.output + ".new", o.output)
    if o.manifest:
        manifest = {"title": o.title, "effort": o.effort, "bytes": len(data),
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "data": o.data, "commit": o.commit, **noted(o, *done[0])}
        if len(done) > 1:
            manifest["gray"] = noted(o, *done[1])
        with open(o.manifest, "w", encoding="utf-8") as file:
            json.dump(manifest, file, indent=2)
            file.write("\n")
    said = []
    for (training, _), what in zip(done, ("", " of one plane")):
        before, after = (sum(b) / len(b) for b in (training.start_bits, training.best_bits))
        gain = "" if training.new else f", {before:.4f} at the start"
        said.append(f"{after:.4f} bits per sample{what}{gain}")
    say(f"{o.output}: {'; '.join(said)}; use it with cidf --model={o.output}")


def train_one(o, stop, network, new):
    """Trains a network on records made here; returns the training and what its pictures were."""
    import train
    training = Training(o, network, new)
    training.resume()
    names, about = records(o, stop, network.planes == 1)
    data = train.load(names[:o.jobs], o.seed)
    valid = train.load([names[o.jobs]], 0)[:VALIDATED]
    if len(data) == 0 or len(valid) == 0:
        raise Failure(f"{o.folder}: too few pixels for --rate: give a higher one")
    training.records = len(data)
    say(f"{len(data)} records, {len(valid)} for validation")
    training.run(data, valid, stop)
    return training, about


def beside(o):
    """The options of the network for one plane: its work is kept in files of its own."""
    result = copy.copy(o)
    result.state = o.state + ".gray"
    return result


def work(arguments):
    o = parse(arguments)
    warnings.simplefilter("ignore")  # Pillow's, of palettes and large pictures
    require_modules(("numpy", "PIL") if o.prepare else ("numpy", "PIL", "torch"))
    stop = Stop()
    if o.prepare:
        records(o, stop)
        if o.gray:
            records(beside(o), stop, gray=True)
        return 0
    import torch
    from network import Network
    # Two threads on a busy machine were slower than one.
    torch.set_num_threads(1)
    torch.manual_seed(o.seed)
    network, alone = begin_network(o)
    if o.gray_widths and alone is not None:
        raise Failure(f"{o.start}: has a network for one plane: --gray-widths is for a new one")
    if alone is not None and not o.gray and mostly_gray(o.folder):
        say("most pictures are gray: the network for one plane is trained too")
        o.gray = True
    done = [train_one(o, stop, network, o.start == "none")]
    if o.gray and not stop.asked:
        begin = alone or Network(*(o.gray_widths or (96, 64, 32)), planes=1)
        done.append(train_one(beside(o), stop, begin, alone is None))
    write_model(o, done, alone)
    if stop.asked:
        say(f"stopped at step {done[-1][0].step}; the same command with -f goes on from {o.state}")
        return 130
    if not o.keep_state:
        remove(o)
    return 0


def main():
    try:
        return work(sys.argv[1:])
    except Failure as error:
        say(f"idf-train: {error}")
    except InterruptedError:
        say("idf-train: stopped before training: nothing was kept")
        return 130
    except OSError as error:
        say(f"idf-train: {error.filename or ''}: {error.strerror}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
