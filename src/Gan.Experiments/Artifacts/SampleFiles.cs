namespace Gan.Experiments;

/// <summary>Writes a sample to a file, in the form that the file's ending asks for.</summary>
public static class SampleFiles
{
    /// <summary>.png: a picture; .safetensors: one tensor per component.</summary>
    /// <exception cref="UserException">The ending is another.</exception>
    public static void Write(string file, Space space, Sample sample)
    {
        Action<Stream> write = Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".png" => stream => stream.Write(SamplePictures.Of(space, sample, null).Encode()),
            ".safetensors" => stream =>
                Safetensors.Write(
                    stream,
                    sample.Components.Select(component => KeyValuePair.Create(component.Path, component.Tensor)),
                    new Dictionary<string, string>()
                ),
            var ending => throw new UserException(
                $"Samples are written to .png or .safetensors; '{file}' ends in '{ending}'."
            ),
        };
        OutputFile.Write(file, write);
    }
}
