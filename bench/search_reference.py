"""Full forward passes of a network file in PyTorch on one thread: the reference of bench/search.ts.

    python search_reference.py NETWORK.safetensors IMAGES   (IMAGES: n * 28 * 28 bytes)

Prints {"imagesPerSecond", "classes"}; the classes let the caller check that both sides ran the same network.
"""
import json
import struct
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
data = open(sys.argv[1], "rb").read()
size = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8 : 8 + size])
divisors = json.loads(header["__metadata__"]["divisors"])


def weights(name):
    begin, end = header[name]["data_offsets"]
    values = np.frombuffer(data, np.int8, end - begin, 8 + size + begin).astype(np.float32)
    return torch.from_numpy(values).reshape(header[name]["shape"]) / divisors[name]


w1, w2, w3 = weights("1.0"), weights("2.0"), weights("fc")
images = torch.from_numpy(np.fromfile(sys.argv[2], np.uint8)).reshape(-1, 1, 28, 28).float() / 255


def forward(x):
    x = F.hardtanh(F.max_pool2d(F.conv2d(x, w1, padding=2), 2))
    x = F.hardtanh(F.max_pool2d(F.conv2d(x, w2, padding=2), 2))
    return x.flatten(1) @ w3.T


with torch.no_grad():
    classes = torch.cat([forward(batch).argmax(1) for batch in images.split(500)])
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for batch in images.split(500):
            forward(batch)
        best = min(best, time.perf_counter() - start)
print(json.dumps({"imagesPerSecond": len(images) / best, "classes": classes.tolist()}))
