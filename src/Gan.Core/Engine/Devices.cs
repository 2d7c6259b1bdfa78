using System.Globalization;

namespace Gan.Core;

/// <summary>Where tensors live: the processor's memory, or a GPU's.</summary>
public static class Devices
{
    const string Automatic = "auto";

    /// <summary>What a device may be called.</summary>
    public const string Names = "auto, cpu, cuda or cuda:N, with N from 0";

    /// <summary>The processor.</summary>
    public static Device Cpu { get; } = new(DeviceType.CPU);

    /// <summary>Whether a text names a device, which need not be there.</summary>
    public static bool IsName(string name) => name == Automatic || TryParse(name) is not null;

    /// <summary>
    /// The device of a name that <see cref="IsName"/>: <c>auto</c> is the first CUDA device where there is one, and the
    /// processor elsewhere; <c>cuda</c> is the first one.
    /// </summary>
    /// <exception cref="EngineException">The device is not there; the message says what is.</exception>
    public static Device Find(string name)
    {
        var count = name == "cpu" ? 0 : Engine.CudaDevices;
        if (name == Automatic)
            return count > 0 ? new Device(DeviceType.CUDA, 0) : Cpu;
        var device = TryParse(name) ?? throw new ArgumentException($"A device is {Names}; got '{name}'.", nameof(name));
        if (device.type == DeviceType.CUDA && device.index >= count)
            throw new EngineException(
                count == 0
                    ? $"The device {name} is not there: no CUDA device can be used. It takes an NVIDIA GPU with its driver, and a build with -p:Cuda=true."
                    : $"The device {name} is not there; there is: cpu, {string.Join(", ", Enumerable.Range(0, count).Select(i => $"cuda:{i}"))}."
            );
        return device;
    }

    /// <summary>The tensor on a device: itself, where it is there.</summary>
    internal static Tensor On(this Tensor tensor, Device device) =>
        tensor.device_type == device.type && (device.index < 0 || tensor.device_index == device.index)
            ? tensor
            : tensor.to(device);

    static Device? TryParse(string name) =>
        name.Split(':') switch
        {
            ["cpu"] => Cpu,
            ["cuda"] => new(DeviceType.CUDA, 0),
            ["cuda", var n] when int.TryParse(n, NumberStyles.None, null, out var i) => new(DeviceType.CUDA, i),
            _ => null,
        };
}
