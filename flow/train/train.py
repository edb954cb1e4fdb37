#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Trains a model on records made by dataset.py.

usage: train.py --records FILE... --valid FILE --state FILE [--widths 32,32,16]
                [--steps N] [--seed S] [--gray]

The state file is written every two minutes and on the last step; running the same command
again continues from it. Learning rate: one cycle, warm-up then cosine down to nothing at
--steps. One process, one thread: two threads on a busy machine were slower than one.
"""
import argparse
import math
import os
import time

import numpy as np
import torch

from network import PLANES, RECORD, Network, unpack


def load(paths, seed):
    blocks = [np.fromfile(p, np.uint8).reshape(-1, RECORD) for p in paths]
    data = np.concatenate(blocks) if len(blocks) > 1 else blocks[0]
    del blocks
    order = np.random.default_rng(seed).permutation(len(data))
    return data[order]


def evaluate(network, valid, batch=16384):
    total, count = np.zeros(network.planes), np.zeros(network.planes)
    with torch.no_grad():
        for i in range(0, len(valid), batch):
            bits, mask = network(unpack(valid[i:i + batch]))
            total += (bits * mask).sum(0).numpy()
            count += mask.sum(0).numpy()
    return total / np.maximum(count, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--records", nargs="+", required=True)
    parser.add_argument("--valid", required=True)
    parser.add_argument("--state", required=True)
    parser.add_argument("--widths", default="32,32,16")
    parser.add_argument("--steps", type=int, default=80000)
    parser.add_argument("--batch", type=int, default=4096)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--gray", action="store_true",
                        help="the network for one plane: records by dataset.py --gray")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    data = load(options.records, options.seed)
    valid = load([options.valid], 0)[:200000]
    print(f"{len(data)} records, {len(valid)} for validation", flush=True)
    network = Network(*map(int, options.widths.split(",")), planes=1 if options.gray else PLANES)
    optimiser = torch.optim.Adam(network.parameters(), lr=options.rate, betas=(0.9, 0.99))
    step, spent = 0, 0.0
    if os.path.exists(options.state):
        saved = torch.load(options.state)
        network.load_state_dict(saved["network"])
        optimiser.load_state_dict(saved["optimiser"])
        step, spent = saved["step"], saved["seconds"]
        print(f"continuing at step {step}", flush=True)
    start = last = time.time()
    batches = len(data) // options.batch
    average, weight = 0.0, 0.0

    def save():
        bits = evaluate(network, valid)
        seconds = spent + time.time() - start
        state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(),
                 "step": step, "steps": options.steps, "seconds": seconds,
                 "widths": network.widths, "planes": network.planes, "seed": options.seed,
                  "batch": options.batch,
                 "valid_bits": bits.tolist(), "train_bits": average / max(weight, 1e-9),
                 "records": len(data)}
        torch.save(state, options.state + ".new")
        os.replace(options.state + ".new", options.state)
        left = seconds / max(step, 1) * (options.steps - step)
        print(f"step {step} train {average / max(weight, 1e-9):.4f} valid {bits.mean():.4f} "
              f"({', '.join(f'{b:.4f}' for b in bits)}) {seconds:.0f} s, {left:.0f} s left",
              flush=True)

    while step < options.steps:
        rate = options.rate * min(1, (step + 1) / 500)
        rate *= 0.5 * (1 + math.cos(math.pi * step / options.steps))
        for group in optimiser.param_groups:
            group["lr"] = max(rate, 1e-6)
        at = (step % batches) * options.batch
        bits, mask = network(unpack(data[at:at + options.batch]))
        loss = (bits * mask).sum() / mask.sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        average = average * 0.999 + loss.item()
        weight = weight * 0.999 + 1
        if time.time() - last > 120 or step == options.steps:
            save()
            last = time.time()


if __name__ == "__main__":
    main()
