// The one place that chooses the tensor engine. Gan.Torch bears TorchSharp's names, so TorchSharp can take its place;
// what TorchSharp does not have is in EngineDifferences and Philox.
global using Gan.Torch;
#if TORCHSHARP
global using TorchSharp;
global using static TorchSharp.torch;
#else
global using static Gan.Torch.torch;
#endif
