global using Gan.Core;
global using Gan.Torch;
global using static Gan.Torch.torch;
