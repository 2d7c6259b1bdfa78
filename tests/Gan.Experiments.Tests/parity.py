"""What PyTorch makes of the same numbers: called by ParityTests.fs with a folder that holds input.safetensors."""
import json, struct, sys
import torch
from torch import nn
import torch.nn.functional as F

DTYPES = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64}


def load(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    meta = header.pop("__metadata__", {})
    body = bytearray(data[8 + size :])
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        dtype = DTYPES[entry["dtype"]]
        count = (end - start) // torch.empty(0, dtype=dtype).element_size()
        values = torch.frombuffer(body, dtype=dtype, count=count, offset=start) if count else torch.empty(0, dtype=dtype)
        tensors[name] = values.reshape(entry["shape"])
    return tensors, meta


def flat(tensor):
    return tensor.detach().double().flatten().tolist()


def generator(folder):
    """The exported MLP with batch norm, in PyTorch's own modules."""
    weights, _ = load(folder + "/generator.safetensors")
    z, _ = load(folder + "/latents.safetensors")
    net = nn.Sequential(nn.Linear(3, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
    net.load_state_dict(weights)
    return {"samples": flat(net.eval()(z["latents"]))}


def operators(folder):
    t, _ = load(folder + "/input.safetensors")
    real, fake, x, w, b = t["real"], t["fake"], t["x"], t["w"], t["b"]
    ones, zeros = torch.ones_like(real), torch.zeros_like(real)
    bce = F.binary_cross_entropy_with_logits
    p = t["p"].clone().requires_grad_()
    adam = torch.optim.Adam([p], lr=0.1, betas=(0.5, 0.9))
    for i in range(3):
        p.grad = t["g%d" % i].clone()
        adam.step()
    q = t["p"].clone().requires_grad_()
    adamw = torch.optim.AdamW([q], lr=0.1, weight_decay=0.01)
    for i in range(3):
        q.grad = t["g%d" % i].clone()
        adamw.step()
    return {
        "bce_discriminator": flat(bce(real, ones) + bce(fake, zeros)),
        "bce_generator": flat(bce(fake, ones)),
        "conv2d": flat(F.conv2d(x, w, b, stride=2, padding=1)),
        "conv_transpose2d": flat(F.conv_transpose2d(x, w.transpose(0, 1).contiguous(), b, stride=2, padding=1)),
        "batch_norm": flat(F.batch_norm(x, None, None, training=True)),
        "layer_norm": flat(F.layer_norm(x, x.shape[1:])),
        "gelu": flat(F.gelu(x)),
        "elu": flat(F.elu(x)),
        "silu": flat(F.silu(x)),
        "softplus": flat(F.softplus(x)),
        "adam": flat(p),
        "adamw": flat(q),
    }


torch.set_num_threads(1)
print(json.dumps({"generator": generator, "operators": operators}[sys.argv[1]](sys.argv[2])))
