global using System.Globalization;
global using System.Security.Cryptography;
global using System.Text;
global using System.Text.Json;
global using System.Text.Json.Nodes;
global using Gan.Core;
global using TorchSharp;
global using static TorchSharp.torch;
