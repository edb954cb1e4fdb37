# SPDX-License-Identifier: BSD-3-Clause
"""The network as PyTorch sees it, and as the codec's integers do.

The training graph repeats the integer definition of flow/model/net.c and flow/walk/walk.c in
float, with straight-through rounding wherever the codec rounds to few levels. The
integer functions at the end are exact and are what the tensor dump is made with.
"""
import numpy as np
import torch

TRUNK, EXTRAS, PLANES, OUTPUTS = 107, 16, 3, 3
SHOWN = {3: 107, 1: 75}   # inputs of the trunk, by the planes that a network is made for
PADDED = {3: 112, 1: 80}
RECORD = TRUNK + 1 + 3 * 11
ACT, ACT_MAX, WEIGHT_Q, ACT_Q = 32.0, 127, 10, 5
SCALE_ONE = 40


def unpack(block):
    """Records (uint8 [n, RECORD]) to a dictionary of float tensors."""
    block = np.ascontiguousarray(block)
    n = block.shape[0]
    side = block[:, TRUNK + 1:].reshape(n, 3, 11)
    wide = np.ascontiguousarray(side[:, :, 3:]).view("<i2")
    level = wide[:, :, 2].view("<u2").astype(np.int32)
    level = np.maximum(level, 1)
    coarse = np.floor(8 * np.log2(level)).astype(np.float32) - 32
    return {
        "trunk": torch.from_numpy(block[:, :TRUNK].view(np.int8)).float(),
        "planes": torch.from_numpy(block[:, TRUNK].astype(np.int64)),
        "extra": torch.from_numpy(np.ascontiguousarray(side[:, :, :3]).view(np.int8)).float(),
        "error": torch.from_numpy(wide[:, :, 0].astype(np.float32)) / 64,
        "wide": torch.from_numpy(wide[:, :, 1].astype(np.float32)) / 64,
        "level": torch.from_numpy(level.astype(np.float32)) / 16,
        "coarse": torch.from_numpy(coarse),
        "offset": torch.from_numpy(wide[:, :, 3].astype(np.float32)),
    }


def compress(d):
    """idf_compress of fixed.h; d holds integers."""
    s = (d.clamp(-512, 512) + 3 * d.clamp(-128, 128) + 11 * d.clamp(-32, 32)
         + 36 * d.clamp(-8, 8) + 100 * d.clamp(-2, 2))
    return torch.floor((s + 8) / 16)


def rectify(v):
    v = v * ACT
    q = torch.clamp(torch.floor(v + 0.5), 0, ACT_MAX)
    return (v.clamp(0, ACT_MAX) + (q - v.clamp(0, ACT_MAX)).detach()) / ACT


class Network(torch.nn.Module):
    def __init__(self, first, second, head, planes=PLANES):
        super().__init__()
        self.widths = (first, second, head)
        self.planes = planes
        self.t0 = torch.nn.Linear(SHOWN[planes], first)
        self.t1 = torch.nn.Linear(first, second)
        self.hidden = torch.nn.ModuleList(
            [torch.nn.Linear(second + EXTRAS, head) for _ in range(planes)])
        self.output = torch.nn.ModuleList(
            [torch.nn.Linear(head, OUTPUTS) for _ in range(planes)])
        with torch.no_grad():
            for layer in self.output:
                layer.weight.mul_(0.1)
                layer.bias.copy_(torch.tensor([0.0, 0.0, -0.5]))

    def forward(self, r):
        """Bits per sample of each plane [n, planes], and a mask of the planes that exist."""
        h = rectify(self.t1(rectify(self.t0(r["trunk"][:, :SHOWN[self.planes]] / ACT))))
        n = h.shape[0]
        extra = torch.zeros(n, EXTRAS)
        bits = []
        for p in range(self.planes):
            extra = extra.clone()
            extra[:, :3] = r["extra"][:, p]
            o = self.output[p](rectify(self.hidden[p](torch.cat([h, extra / ACT], 1))))
            gate = (0.5 + o[:, 0]).clamp(-0.5, 1.5)
            shift = o[:, 1].clamp(-4, 4)
            miss = r["error"][:, p] - gate * r["wide"][:, p] - shift * r["level"][:, p]
            eighth = 8 * o[:, 2]
            eighth = eighth + (torch.floor(eighth + 0.5) - eighth).detach()
            k = (r["coarse"][:, p] + eighth).clamp(-SCALE_ONE, 80)
            bits.append(logistic_bits(miss, k))
            if p + 1 < self.planes:
                m = compress(torch.floor(4 * miss.detach()))
                extra[:, 3 + 4 * p] = m
                extra[:, 4 + 4 * p] = m.abs()
                extra[:, 5 + 4 * p] = k.detach()
                extra[:, 6 + 4 * p] = compress(r["offset"][:, p])
        mask = (r["planes"][:, None] > torch.arange(self.planes)[None, :]).float()
        return torch.stack(bits, 1), mask


def logistic_bits(miss, k):
    """-log2 of the mass on (miss - 1/2, miss + 1/2) of a logistic of scale 2^(k/8), with
    the floor that keeps every value alive (prior.c)."""
    inverse = torch.exp2(-k / 8)
    near = miss.abs()
    a, b = (near - 0.5) * inverse, (near + 0.5) * inverse
    mass = torch.sigmoid(b) - torch.sigmoid(a)
    # In the tail the difference cancels: mass = sigmoid(-a) - sigmoid(-b).
    tail = torch.sigmoid(-a) - torch.sigmoid(-b)
    mass = torch.where(a > 0, tail, mass)
    values = 22 / inverse.clamp(min=0.01) / 65536
    return -torch.log2(mass * (1 - values.clamp(max=0.2)) + 1 / 65536)


# ---- integers -----------------------------------------------------------------

def integer_layers(network):
    """The codec's weights: a list of (weight int16 [out, in], bias int32 [out])."""
    def quantise(layer, inputs):
        w = layer.weight.detach().double().numpy()
        b = layer.bias.detach().double().numpy()
        wi = np.zeros((w.shape[0], inputs), np.int64)
        wi[:, :w.shape[1]] = np.floor(w * 2 ** WEIGHT_Q + 0.5)
        assert np.abs(wi).max() <= 32767
        bi = np.floor(b * 2 ** (WEIGHT_Q + ACT_Q) + 0.5).astype(np.int64)
        assert np.abs(bi).max() < 1 << 29
        return wi.astype(np.int16), bi.astype(np.int32)

    second = network.widths[1]
    layers = [quantise(network.t0, PADDED[network.planes]), quantise(network.t1, network.widths[0])]
    for p in range(network.planes):
        layers.append(quantise(network.hidden[p], second + EXTRAS))
        layers.append(quantise(network.output[p], network.widths[2]))
    return layers


def layer_sum(layer, x):
    return layer[0].astype(np.int64) @ x.astype(np.int64) + layer[1]


def layer_rectify(layer, x):
    return np.clip((layer_sum(layer, x) + (1 << (WEIGHT_Q - 1))) >> WEIGHT_Q, 0, ACT_MAX)
