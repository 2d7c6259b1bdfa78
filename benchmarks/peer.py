"""The PyTorch side of the benchmarks: the leanest eager loop of each task.

The discriminator is frozen in the generator's turn, Adam is the foreach one, losses are on logits, gradients are set to None.
Answers "steps N" on standard input with wall and processor milliseconds per step.
"""
import sys, time
import torch
from torch import nn
import torch.nn.functional as F

task, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)
bce = F.binary_cross_entropy_with_logits


def mlp(sizes, activation):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), activation()]
    return layers[:-1]


leaky = lambda: nn.LeakyReLU(0.2)
if task == "mlp-tanh":
    batch, z, rate = 64, 100, 2e-4
    G = nn.Sequential(*mlp([100, 256, 512, 1024, 784], nn.ReLU), nn.Tanh())
    D = nn.Sequential(*mlp([784, 1024, 512, 256, 1], leaky))
elif task == "dcgan":
    batch, z, rate = 64, 100, 2e-4
    G = nn.Sequential(nn.Linear(100, 6272), nn.Unflatten(1, (128, 7, 7)), nn.BatchNorm2d(128), nn.ReLU(), nn.ConvTranspose2d(128, 64, 4, 2, 1), nn.BatchNorm2d(64), nn.ReLU(), nn.ConvTranspose2d(64, 1, 4, 2, 1), nn.Tanh())
    D = nn.Sequential(nn.Conv2d(1, 64, 4, 2, 1), leaky(), nn.Conv2d(64, 128, 4, 2, 1), leaky(), nn.Flatten(), nn.Linear(6272, 1))
elif task == "r3gan-grid":
    batch, z, rate = 128, 2, 2e-3
    G = nn.Sequential(*mlp([2, 64, 64, 64, 2], leaky))
    D = nn.Sequential(*mlp([2, 64, 64, 64, 1], leaky))
else:
    batch, z, rate = 512, 2, 1e-3
    G = nn.Sequential(*mlp([2, 128, 128, 2], nn.ReLU))
    D = nn.Sequential(*mlp([2, 128, 128, 1], leaky))

betas = (0.0, 0.99) if task == "r3gan-grid" else (0.5, 0.999)
optG = torch.optim.Adam(G.parameters(), lr=rate, betas=betas, foreach=True)
optD = torch.optim.Adam(D.parameters(), lr=rate, betas=betas, foreach=True)
ones, zeros = torch.ones(batch, 1), torch.zeros(batch, 1)

if batch == 64:
    pictures = torch.randint(0, 256, (10000, 1, 28, 28), dtype=torch.uint8)

    def draw():
        real = pictures[torch.randint(0, 10000, (batch,))].float().mul_(2 / 255).sub_(1)
        return real if task == "dcgan" else real.flatten(1)

elif task == "r3gan-grid":
    axis = (torch.arange(5) - 2) * 0.5
    centers = torch.cartesian_prod(axis, axis)

    def draw():
        return centers[torch.randint(0, 25, (batch,))] + 0.0125 * torch.randn(batch, 2)

else:
    angles = torch.arange(8) * (2 * torch.pi / 8)
    centers = torch.stack([angles.cos(), angles.sin()], 1)

    def draw():
        return centers[torch.randint(0, 8, (batch,))] + 0.01 * torch.randn(batch, 2)


def penalty(real, fake):
    e = torch.rand(batch, 1)
    between = (fake + e * (real - fake)).requires_grad_()
    (gradient,) = torch.autograd.grad(D(between).sum(), between, create_graph=True)
    return 10 * ((gradient.square().sum(1) + 1e-12).sqrt() - 1).square().mean()


def zero_centered(logits, points):
    (gradient,) = torch.autograd.grad(logits.sum(), points, create_graph=True)
    return 0.05 * gradient.square().sum(1).mean()


def step():
    real = draw()
    with torch.no_grad():
        fake = G(torch.randn(batch, z))
    if task == "r3gan-grid":
        real.requires_grad_()
        fake.requires_grad_()
        of_real, of_fake = D(real), D(fake)
        loss = F.softplus(of_fake - of_real).mean() + zero_centered(of_real, real) + zero_centered(of_fake, fake)
    elif task == "ring-wgan-gp":
        loss = D(fake).mean() - D(real).mean() + penalty(real, fake)
    else:
        loss = bce(D(real), ones) + bce(D(fake), zeros)
    optD.zero_grad(set_to_none=True)
    loss.backward()
    optD.step()
    D.requires_grad_(False)
    judged = D(G(torch.randn(batch, z)))
    if task == "r3gan-grid":
        loss = F.softplus(D(draw()) - judged).mean()
    else:
        loss = -judged.mean() if task == "ring-wgan-gp" else bce(judged, ones)
    optG.zero_grad(set_to_none=True)
    loss.backward()
    optG.step()
    D.requires_grad_(True)


a = torch.randn(1024, 1024)

for line in sys.stdin:
    count, timed = (20, lambda: a.mm(a)) if line.strip() == "product" else (int(line.split()[1]), step)
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        timed()
    print((time.perf_counter() - wall) * 1000 / count, (time.process_time() - cpu) * 1000 / count, flush=True)
