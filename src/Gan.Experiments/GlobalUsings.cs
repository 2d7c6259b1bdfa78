global using Gan.Core;
global using TorchSharp;
global using static TorchSharp.torch;
