global using System.Collections.Immutable;
global using System.Numerics;
global using System.Runtime.InteropServices;
global using TorchSharp;
global using static TorchSharp.torch;
