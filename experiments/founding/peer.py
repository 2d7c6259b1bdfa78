"""mlp-tanh.yaml as a PyTorch loop, to see what the same model does there.

    /usr/bin/python3 experiments/founding/peer.py FOLDER SEED OUTPUT.png [STEPS]

FOLDER holds MNIST's t10k-images-idx3-ubyte.gz. Prints the losses and, at the end, diagnostics/diversity as Gan has it: the mean
distance of generated points, divided by that of real ones.
"""
import gzip, struct, sys, zlib
import torch
from torch import nn
import torch.nn.functional as F

folder, seed, output = sys.argv[1], int(sys.argv[2]), sys.argv[3]
steps = int(sys.argv[4]) if len(sys.argv) > 4 else 15625
torch.manual_seed(seed)
torch.set_num_threads(1)

with gzip.open(f"{folder}/t10k-images-idx3-ubyte.gz") as file:
    pixels = torch.frombuffer(bytearray(file.read()[16:]), dtype=torch.uint8)
pictures = pixels.reshape(-1, 784).float() * (2 / 255) - 1


def mlp(sizes, activation):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), activation()]
    return layers[:-1]


G = nn.Sequential(*mlp([100, 256, 512, 1024, 784], nn.ReLU), nn.Tanh())
D = nn.Sequential(*mlp([784, 1024, 512, 256, 1], lambda: nn.LeakyReLU(0.2)))
adam = lambda net: torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.9, 0.999))
ofG, ofD = adam(G), adam(D)
ones, zeros = torch.ones(64, 1), torch.zeros(64, 1)
bce = F.binary_cross_entropy_with_logits
order = torch.empty(0, dtype=torch.int64)

for step in range(1, steps + 1):
    if len(order) < 64:
        order = torch.cat([order, torch.randperm(len(pictures))])
    real, order = pictures[order[:64]], order[64:]
    with torch.no_grad():
        fake = G(torch.randn(64, 100))
    discriminator = bce(D(real), ones) + bce(D(fake), zeros)
    ofD.zero_grad()
    discriminator.backward()
    ofD.step()
    generator = bce(D(G(torch.randn(64, 100))), ones)
    ofG.zero_grad()
    generator.backward()
    ofG.step()
    if step % 1000 == 0 or step == steps:
        print(f"step {step}  discriminator {discriminator.item():.4f}  generator {generator.item():.4f}", flush=True)


def distance(points):
    return (points[1:] - points[:-1]).square().sum(1).sqrt().mean().item()


with torch.no_grad():
    drawn = G(torch.randn(512, 100))
print(f"diversity {distance(drawn) / distance(pictures[torch.randperm(len(pictures))[:512]]):.3f}")

# 8 x 8 pictures, twice as large and with a border, as a PNG file of one channel.
page = torch.zeros(8 * 58, 8 * 58, dtype=torch.uint8)
shown = ((drawn[:64].reshape(-1, 28, 28) + 1) * 127.5).round().to(torch.uint8)
for i, picture in enumerate(shown.repeat_interleave(2, 1).repeat_interleave(2, 2)):
    row, column = i // 8 * 58 + 1, i % 8 * 58 + 1
    page[row : row + 56, column : column + 56] = picture
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
lines = b"".join(b"\0" + bytes(line.tolist()) for line in page)
header = struct.pack(">IIBBBBB", page.shape[1], page.shape[0], 8, 0, 0, 0, 0)
with open(output, "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))
