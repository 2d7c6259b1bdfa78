// The one place that chooses the tensor engine. Gan.Torch bears TorchSharp's names, so TorchSharp can take its place.
global using Gan.Torch;
global using static Gan.Torch.torch;
