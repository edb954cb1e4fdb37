#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Writes a trained state as a model: integers, a manifest, and a tensor dump for the test.

usage: export.py --state FILE --title NAME --effort N --out NAME.idfm [--manifest FILE]
                 [--coefficients FILE] [--dump FILE --valid RECORDS] [--data TEXT] [--commit ID]
       export.py --model NAME.idfm --dump FILE --like DUMP MODEL [--every N]

The second writes only the dump, of a model that is there already, for the inputs (or each
N-th of them) of another model's dump.

The dump holds, for a few records and for extreme inputs, what every layer computes in exact
integer arithmetic; tests/unit/test_net.c requires the C code to compute the same:
  u32 count, then for each: int16 trunk input [112], int16 trunk 0 [.], trunk 1 [.], and for
  each plane int16 extras [16], int16 hidden [.], int32 output [3]; little endian.
"""
import argparse
import hashlib
import json
import struct

import numpy as np
import torch

from network import (ACT_Q, EXTRAS, PLANES, RECORD, TRUNK, TRUNK_PADDED, WEIGHT_Q, Network,
                     integer_layers, layer_rectify, layer_sum)

REGRESSORS = (18, 29, 40)  # of each plane: leastsq.h


def blob(network, title, effort, coefficients=None):
    out = bytearray(b"IDFMODEL")
    features = 1 if coefficients is None else 2
    out += struct.pack("<BBBB20sHHH", 1, effort, features, 0, title.encode("ascii"),
                       *network.widths)
    if coefficients is not None:
        for plane, count in zip(np.fromfile(coefficients, "<i2").reshape(3, 40), REGRESSORS):
            out += plane[:count].tobytes()
    for weight, bias in integer_layers(network):
        out += weight.astype("<i2").tobytes() + bias.astype("<i4").tobytes()
    return bytes(out)


def network_of(data):
    """The network of a model's bytes, and the coefficients int16 [3][40] if it is of feature set 2.
    ValueError: why not."""
    if len(data) < 38 or data[:8] != b"IDFMODEL":
        raise ValueError("is no model")
    form, features = data[8], data[10]
    widths = struct.unpack_from("<HHH", data, 32)
    if form != 1 or features not in (1, 2) or not all(16 <= w <= 128 for w in widths):
        raise ValueError("is a model of another version, or a damaged one")
    network = Network(*widths)
    at, coefficients = 38, None
    if features == 2:
        if len(data) < at + 2 * sum(REGRESSORS):
            raise ValueError("is a model cut short")
        coefficients = np.zeros((3, 40), "<i2")
        for plane, count in zip(coefficients, REGRESSORS):
            plane[:count] = np.frombuffer(data, "<i2", count, at)
            at += 2 * count
    layers = [network.t0, network.t1]
    for pair in zip(network.hidden, network.output):
        layers += pair
    with torch.no_grad():
        for layer in layers:
            outputs, inputs = layer.weight.shape
            stored = TRUNK_PADDED if layer is network.t0 else inputs
            end = at + outputs * (2 * stored + 4)
            if end > len(data):
                raise ValueError("is a model cut short")
            weight = np.frombuffer(data, "<i2", outputs * stored, at).reshape(outputs, stored)
            bias = np.frombuffer(data, "<i4", outputs, at + 2 * outputs * stored)
            layer.weight.copy_(torch.from_numpy(weight[:, :inputs] / 2.0 ** WEIGHT_Q))
            layer.bias.copy_(torch.from_numpy(bias / 2.0 ** (WEIGHT_Q + ACT_Q)))
            at = end
    if at != len(data):
        raise ValueError("is a damaged model")
    return network, coefficients


def inputs_of_records(records):
    """A list of trunk inputs [107] and extras [3][16]."""
    rng = np.random.default_rng(1)
    inputs = []
    for r in records:
        extras = np.zeros((PLANES, EXTRAS), np.int64)
        extras[:, :3] = r[TRUNK + 1:].reshape(3, 11)[:, :3].view(np.int8)
        extras[1:, 3:11] = rng.integers(-109, 110, (2, 8))
        inputs.append((r[:TRUNK].view(np.int8).astype(np.int64), extras))
    for fill in (-127, 0, 127):
        inputs.append((np.full(TRUNK, fill), np.full((PLANES, EXTRAS), fill)))
    for _ in range(8):
        inputs.append((rng.integers(-127, 128, TRUNK), rng.integers(-127, 128, (PLANES, EXTRAS))))
    return inputs


def inputs_of_dump(data, widths):
    """The same, of the dump of a model with these widths."""
    first, second, head = widths
    record = np.dtype([("trunk", "<i2", TRUNK_PADDED), ("layers", "<i2", first + second),
                       ("planes", [("extras", "<i2", EXTRAS), ("hidden", "<i2", head),
                                   ("result", "<i4", 3)], PLANES)])
    count, = struct.unpack_from("<I", data)
    return [(r["trunk"][:TRUNK].astype(np.int64), r["planes"]["extras"].astype(np.int64))
            for r in np.frombuffer(data, record, count, 4)]


def dump(network, inputs):
    layers = integer_layers(network)
    out = bytearray(struct.pack("<I", len(inputs)))
    for trunk, extras in inputs:
        x = np.zeros(TRUNK_PADDED, np.int64)
        x[:TRUNK] = trunk
        first = layer_rectify(layers[0], x)
        second = layer_rectify(layers[1], first)
        out += x.astype("<i2").tobytes() + first.astype("<i2").tobytes()
        out += second.astype("<i2").tobytes()
        for p in range(PLANES):
            hidden = layer_rectify(layers[2 + 2 * p], np.concatenate([second, extras[p]]))
            result = layer_sum(layers[3 + 2 * p], hidden)
            out += extras[p].astype("<i2").tobytes() + hidden.astype("<i2").tobytes()
            out += result.astype("<i4").tobytes()
    return bytes(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--state")
    parser.add_argument("--title")
    parser.add_argument("--effort", type=int)
    parser.add_argument("--out")
    parser.add_argument("--manifest")
    parser.add_argument("--coefficients", help="by dataset.py: makes a model of feature set 2")
    parser.add_argument("--dump")
    parser.add_argument("--valid")
    parser.add_argument("--model", help="of this one, only a dump")
    parser.add_argument("--like", nargs=2, metavar=("DUMP", "MODEL"))
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--data", default="")
    parser.add_argument("--commit", default="")
    options = parser.parse_args()
    if options.model:
        if not options.dump or not options.like:
            parser.error("--model needs --dump and --like")
        with open(options.model, "rb") as model, open(options.like[0], "rb") as like, \
                open(options.like[1], "rb") as other, open(options.dump, "wb") as f:
            inputs = inputs_of_dump(like.read(), network_of(other.read())[0].widths)
            f.write(dump(network_of(model.read())[0], inputs[::options.every]))
        return
    if None in (options.state, options.title, options.effort, options.out):
        parser.error("--state, --title, --effort and --out are needed")
    state = torch.load(options.state)
    network = Network(*state["widths"])
    network.load_state_dict(state["network"])
    data = blob(network, options.title, options.effort, options.coefficients)
    with open(options.out, "wb") as f:
        f.write(data)
    if options.manifest:
        manifest = {"title": options.title, "effort": options.effort, "bytes": len(data),
                    "sha256": hashlib.sha256(data).hexdigest(), "widths": list(state["widths"]),
                    "seed": state["seed"], "steps": state["step"], "batch": state["batch"],
                    "records": state["records"], "seconds": round(state["seconds"]),
                    "valid_bits_per_sample": [round(b, 4) for b in state["valid_bits"]],
                    "data": options.data, "commit": options.commit}
        with open(options.manifest, "w") as f:
            json.dump(manifest, f, indent=2)
            f.write("\n")
    if options.dump:
        records = np.fromfile(options.valid, np.uint8, RECORD * 24 * 997).reshape(-1, RECORD)[::997]
        with open(options.dump, "wb") as f:
            f.write(dump(network, inputs_of_records(records)))


if __name__ == "__main__":
    main()
