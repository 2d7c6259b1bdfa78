global using System.Collections.Immutable;
global using TorchSharp;
global using static TorchSharp.torch;
