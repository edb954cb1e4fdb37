#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Joins the networks of two models side by side to a wider one, for further training.

usage: beside.py FIRST.idfm SECOND.idfm --share S --title NAME --effort N --out NAME.idfm

Layers are as wide as both together, with zeros where one network would see the other. The result
is S times the first's outputs plus 1 - S times the second's. This is already a little better than
either, and training (idf-train --start) fills the zeros. The network for one plane is the first's.
"""
import argparse

import torch

from export import blob, networks_in
from network import Network


def beside(a, b, share):
    """A network that gives share * a + (1 - share) * b."""
    joined = Network(*(m + n for m, n in zip(a.widths, b.widths)), planes=a.planes)
    first, second, head = a.widths
    with torch.no_grad():
        for value in joined.parameters():
            value.zero_()
        for network, trunk, middle, hidden, part in (
                (a, slice(0, first), slice(0, second), slice(0, head), share),
                (b, slice(first, None), slice(second, second + b.widths[1]), slice(head, None),
                 1 - share)):
            joined.t0.weight[trunk] = network.t0.weight
            joined.t0.bias[trunk] = network.t0.bias
            joined.t1.weight[middle, trunk] = network.t1.weight
            joined.t1.bias[middle] = network.t1.bias
            for p in range(network.planes):
                to, of, seen = joined.hidden[p], network.hidden[p], network.widths[1]
                to.weight[hidden, middle] = of.weight[:, :seen]
                to.weight[hidden, second + b.widths[1]:] = of.weight[:, seen:]
                to.bias[hidden] = of.bias
                joined.output[p].weight[:, hidden] = part * network.output[p].weight
                joined.output[p].bias += part * network.output[p].bias
    return joined


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("models", nargs=2, metavar="MODEL")
    parser.add_argument("--share", type=float, required=True)
    parser.add_argument("--title", required=True)
    parser.add_argument("--effort", type=int, required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    (a, alone), (b, _) = map(networks_in, options.models)
    if any(m + n > 128 for m, n in zip(a.widths, b.widths)):
        parser.error("together they are wider than the 128 of a model's layers")
    with open(options.out, "wb") as file:
        file.write(blob(beside(a, b, options.share), options.title, options.effort, alone))


if __name__ == "__main__":
    main()
