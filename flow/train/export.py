#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes a trained state as a model: integers, a manifest, and a tensor dump for the test.

usage: export.py --state FILE --title NAME --effort N --out NAME.idfm [--manifest FILE]
                 [--gray STATE] [--dump FILE --valid RECORDS [--gray-valid RECORDS]]
                 [--data TEXT] [--commit ID] [--gray-data TEXT] [--gray-commit ID]
       export.py --model NAME.idfm --dump FILE --like DUMP MODEL [--every N]

--state and --gray may be a model too: its network is taken as it is; of a manifest that exists
only what is new is changed. Models of feature set 2 have no network: linear.py makes those.

The second writes only the dump, of a model that is there already, for the inputs (or each
N-th of them) of another model's dump.

The dump holds, for a few records and for extreme inputs, what every layer computes in exact
integer arithmetic; tests/unit/model/test_net.c requires the C code to compute the same:
  u32 count, then for each: int16 trunk input [112], int16 trunk 0 [.], trunk 1 [.], and for
  each plane int16 extras [16], int16 hidden [.], int32 output [3]; little endian.
After them the same for the network for one plane, if there is one: its trunk input is [80].
"""
import argparse
import hashlib
import json
import os
import struct

import numpy as np
import torch

from network import (ACT_Q, EXTRAS, PADDED, PLANES, RECORD, SHOWN, TRUNK, WEIGHT_Q, Network,
                     integer_layers, layer_rectify, layer_sum)

EXTRAS_USED = 11  # those past them are always 0


def blob(network, title, effort, alone=None):
    """`alone`: the network for one plane, or None."""
    out = bytearray(b"IDFMODEL")
    out += struct.pack("<BBBB20sHHH", 1, effort, 1, int(alone is not None),
                       title.encode("ascii"), *network.widths)
    for weight, bias in integer_layers(network):
        out += weight.astype("<i2").tobytes() + bias.astype("<i4").tobytes()
    if alone is not None:
        out += struct.pack("<HHH", *alone.widths)
        for weight, bias in integer_layers(alone):
            out += weight.astype("<i2").tobytes() + bias.astype("<i4").tobytes()
    return bytes(out)


def shaped(data, at, planes):
    """A network of the widths that stand at `at`."""
    if len(data) < at + 6:
        raise ValueError("is a model cut short")
    widths = struct.unpack_from("<HHH", data, at)
    if not all(16 <= w <= 128 for w in widths):
        raise ValueError("is a damaged model")
    return Network(*widths, planes=planes)


def read_layers(network, data, at):
    """Fills the network's layers with what stands at `at`; returns where they end."""
    layers = [network.t0, network.t1]
    for pair in zip(network.hidden, network.output):
        layers += pair
    with torch.no_grad():
        for layer in layers:
            outputs, inputs = layer.weight.shape
            stored = PADDED[network.planes] if layer is network.t0 else inputs
            end = at + outputs * (2 * stored + 4)
            if end > len(data):
                raise ValueError("is a model cut short")
            weight = np.frombuffer(data, "<i2", outputs * stored, at).reshape(outputs, stored)
            bias = np.frombuffer(data, "<i4", outputs, at + 2 * outputs * stored)
            layer.weight.copy_(torch.from_numpy(weight[:, :inputs] / 2.0 ** WEIGHT_Q))
            layer.bias.copy_(torch.from_numpy(bias / 2.0 ** (WEIGHT_Q + ACT_Q)))
            at = end
    return at


def networks_of(data):
    """The network of a model's bytes, and the network for one plane if it has one. ValueError:
    why not."""
    if len(data) < 38 or data[:8] != b"IDFMODEL":
        raise ValueError("is no model")
    form, features, more = data[8], data[10], data[11]
    if form == 1 and features == 2:
        raise ValueError("is of feature set 2, linear predictors: it has no network")
    if form != 1 or features != 1 or more > 1:
        raise ValueError("is a model of another version, or a damaged one")
    network = shaped(data, 32, PLANES)
    at, alone = read_layers(network, data, 38), None
    if more:
        alone = shaped(data, at, 1)
        at = read_layers(alone, data, at + 6)
    if at != len(data):
        raise ValueError("is a damaged model")
    return network, alone


def networks_in(path):
    """The same of a file; ends with its name and why not."""
    with open(path, "rb") as file:
        data = file.read()
    try:
        return networks_of(data)
    except ValueError as error:
        raise SystemExit(f"{path}: {error}") from error


def inputs_of_records(network, records):
    """A list of a network's trunk inputs and extras [planes][16]."""
    rng = np.random.default_rng(1)
    planes, shown = network.planes, SHOWN[network.planes]
    inputs = []
    for r in records:
        extras = np.zeros((planes, EXTRAS), np.int64)
        extras[:, :3] = r[TRUNK + 1:].reshape(3, 11)[:planes, :3].view(np.int8)
        if planes > 1:
            extras[1:, 3:11] = rng.integers(-109, 110, (2, 8))
        inputs.append((r[:shown].view(np.int8).astype(np.int64), extras))
    for fill in (-127, 0, 127):
        inputs.append((np.full(shown, fill), np.full((planes, EXTRAS), fill)))
    for _ in range(8):
        inputs.append((rng.integers(-127, 128, shown), rng.integers(-127, 128, (planes, EXTRAS))))
    return inputs


def inputs_of_dump(data, at, network):
    """The same, of what the dump of a model with such a network has from byte `at` on; and
    where it ends."""
    first, second, head = network.widths
    planes = network.planes
    record = np.dtype([("trunk", "<i2", PADDED[planes]), ("layers", "<i2", first + second),
                       ("planes", [("extras", "<i2", EXTRAS), ("hidden", "<i2", head),
                                   ("result", "<i4", 3)], (planes,))])
    count, = struct.unpack_from("<I", data, at)
    records = np.frombuffer(data, record, count, at + 4)
    return [(r["trunk"][:SHOWN[planes]].astype(np.int64),
             r["planes"]["extras"].reshape(planes, EXTRAS).astype(np.int64))
            for r in records], at + 4 + count * record.itemsize


def dump_like(model, like, other, every):
    """The dump of a model's networks for each `every`-th input of the dump of another's."""
    out, at = b"", 0
    for network, known in zip(model, other):
        if network is not None and known is not None:
            inputs, at = inputs_of_dump(like, at, known)
            out += dump(network, inputs[::every])
    return out


def dump(network, inputs):
    planes, shown = network.planes, SHOWN[network.planes]
    layers = integer_layers(network)
    out = bytearray(struct.pack("<I", len(inputs)))
    for trunk, extras in inputs:
        extras = np.where(np.arange(EXTRAS) < EXTRAS_USED, extras, 0)
        x = np.zeros(PADDED[planes], np.int64)
        x[:shown] = trunk
        first = layer_rectify(layers[0], x)
        second = layer_rectify(layers[1], first)
        out += x.astype("<i2").tobytes() + first.astype("<i2").tobytes()
        out += second.astype("<i2").tobytes()
        for p in range(planes):
            hidden = layer_rectify(layers[2 + 2 * p], np.concatenate([second, extras[p]]))
            result = layer_sum(layers[3 + 2 * p], hidden)
            out += extras[p].astype("<i2").tobytes() + hidden.astype("<i2").tobytes()
            out += result.astype("<i4").tobytes()
    return bytes(out)


def notes(state, data, commit):
    """What a manifest says of a network."""
    return {"widths": list(state["widths"]), "seed": state["seed"], "steps": state["step"],
            "batch": state["batch"], "records": state["records"],
            "seconds": round(state["seconds"]),
            "valid_bits_per_sample": [round(b, 4) for b in state["valid_bits"]],
            "data": data, "commit": commit}


def opened(path, gray):
    """The network of a state, with the state; or that of a model, with None."""
    with open(path, "rb") as file:
        is_model = file.read(8) == b"IDFMODEL"
    if is_model:
        network, alone = networks_in(path)
        if gray and alone is None:
            raise SystemExit(f"{path}: has no network for one plane")
        return alone if gray else network, None
    state = torch.load(path)
    network = Network(*state["widths"], planes=1 if gray else PLANES)
    network.load_state_dict(state["network"])
    return network, state


def some(path):
    return np.fromfile(path, np.uint8, RECORD * 24 * 997).reshape(-1, RECORD)[::997]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--state")
    parser.add_argument("--title")
    parser.add_argument("--effort", type=int)
    parser.add_argument("--out")
    parser.add_argument("--gray", help="the state of a network for one plane")
    parser.add_argument("--manifest", help="an existing one is kept but for what is new")
    parser.add_argument("--dump")
    parser.add_argument("--valid")
    parser.add_argument("--gray-valid")
    parser.add_argument("--model", help="of this one, only a dump")
    parser.add_argument("--like", nargs=2, metavar=("DUMP", "MODEL"))
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--data", default="")
    parser.add_argument("--commit", default="")
    parser.add_argument("--gray-data", default="")
    parser.add_argument("--gray-commit", default="")
    options = parser.parse_args()
    if options.model:
        if not options.dump or not options.like:
            parser.error("--model needs --dump and --like")
        model, other = networks_in(options.model), networks_in(options.like[1])
        with open(options.like[0], "rb") as like, open(options.dump, "wb") as f:
            f.write(dump_like(model, like.read(), other, options.every))
        return
    if None in (options.state, options.title, options.effort, options.out):
        parser.error("--state, --title, --effort and --out are needed")
    network, state = opened(options.state, False)
    alone, gray_state = opened(options.gray, True) if options.gray else (None, None)
    data = blob(network, options.title, options.effort, alone)
    with open(options.out, "wb") as f:
        f.write(data)
    if options.manifest:
        manifest = {}
        if os.path.exists(options.manifest):
            with open(options.manifest, encoding="utf-8") as f:
                manifest = json.load(f)
        manifest |= {"title": options.title, "effort": options.effort, "bytes": len(data),
                     "sha256": hashlib.sha256(data).hexdigest()}
        if state:
            manifest |= notes(state, options.data, options.commit)
        if gray_state:
            manifest["gray"] = notes(gray_state, options.gray_data, options.gray_commit)
        with open(options.manifest, "w", encoding="utf-8") as f:
            json.dump(manifest, f, indent=2)
            f.write("\n")
    if options.dump:
        with open(options.dump, "wb") as f:
            f.write(dump(network, inputs_of_records(network, some(options.valid))))
            if alone is not None:
                f.write(dump(alone, inputs_of_records(alone, some(options.gray_valid))))


if __name__ == "__main__":
    main()
