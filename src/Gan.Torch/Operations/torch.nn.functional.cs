namespace Gan.Torch;

public static partial class torch
{
    public static class nn
    {
        /// <summary>The stateless functions of <c>torch.nn.functional</c>, with TorchSharp's signatures.</summary>
        public static class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) =>
                Operators.Linear.Call(input, weights, bias);

            public static Tensor conv1d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long? stride = null,
                long? padding = null,
                long? dilation = null,
                long groups = 1
            ) => Convolve(input, weight, bias, [stride ?? 1], [padding ?? 0], [dilation ?? 1], groups);

            public static Tensor conv2d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long[]? strides = null,
                long[]? padding = null,
                long[]? dilation = null,
                long groups = 1
            ) => Convolve(input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], dilation ?? [1, 1], groups);

            public static Tensor conv_transpose1d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long? stride = null,
                long? padding = null,
                long? output_padding = null,
                long? dilation = null,
                long groups = 1
            ) =>
                Transposed(
                    input,
                    weight,
                    bias,
                    [stride ?? 1],
                    [padding ?? 0],
                    [output_padding ?? 0],
                    [dilation ?? 1],
                    groups
                );

            public static Tensor conv_transpose2d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long[]? strides = null,
                long[]? padding = null,
                long[]? output_padding = null,
                long[]? dilation = null,
                long groups = 1
            ) =>
                Transposed(
                    input,
                    weight,
                    bias,
                    strides ?? [1, 1],
                    padding ?? [0, 0],
                    output_padding ?? [0, 0],
                    dilation ?? [1, 1],
                    groups
                );

            public static Tensor relu(Tensor x) => x.relu();

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01) =>
                input.leaky_relu(negative_slope);

            public static Tensor elu(Tensor x, double alpha) => Operators.Elu.Call(x, alpha);

            public static Tensor silu(Tensor x) => Operators.Silu.Call(x);

            public static Tensor gelu(Tensor x) => Operators.Gelu.Call(x);

            public static Tensor sigmoid(Tensor x) => x.sigmoid();

            public static Tensor tanh(Tensor x) => x.tanh();

            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) =>
                x.softplus(beta, threshold);

            static Tensor Convolve(
                Tensor input,
                Tensor weight,
                Tensor? bias,
                long[] stride,
                long[] padding,
                long[] dilation,
                long groups
            ) =>
                Operators.Convolution.Call(
                    input,
                    weight,
                    bias,
                    stride,
                    padding,
                    dilation,
                    false,
                    new long[stride.Length],
                    groups
                );

            static Tensor Transposed(
                Tensor input,
                Tensor weight,
                Tensor? bias,
                long[] stride,
                long[] padding,
                long[] outputPadding,
                long[] dilation,
                long groups
            ) =>
                Operators.Convolution.Call(input, weight, bias, stride, padding, dilation, true, outputPadding, groups);
        }
    }
}
