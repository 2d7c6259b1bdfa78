namespace Gan.Torch;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public Tensor add(Tensor target) => Operators.Add.Call(this, target);

        public Tensor add(Tensor target, Scalar alpha) => Operators.Add.Call(this, target, alpha);

        public Tensor add(Scalar scalar) => Operators.AddScalar.Call(this, scalar);

        public Tensor sub(Tensor target) => Operators.Subtract.Call(this, target);

        public Tensor sub(Scalar scalar) => Operators.SubtractScalar.Call(this, scalar);

        public Tensor mul(Tensor target) => Operators.Multiply.Call(this, target);

        public Tensor mul(Scalar scalar) => Operators.MultiplyScalar.Call(this, scalar);

        public Tensor div(Tensor target) => Operators.Divide.Call(this, target);

        public Tensor div(Scalar scalar) => Operators.DivideScalar.Call(this, scalar);

        public Tensor pow(Scalar exponent) => Operators.PowerScalar.Call(this, exponent);

        public Tensor square() => Operators.Multiply.Call(this, this);

        public Tensor neg() => Operators.Negate.Call(this);

        public Tensor abs() => Operators.Abs.Call(this);

        public Tensor sign() => Operators.Sign.Call(this);

        public Tensor exp() => Operators.Exp.Call(this);

        public Tensor log() => Operators.Log.Call(this);

        public Tensor sqrt() => Operators.Sqrt.Call(this);

        public Tensor rsqrt() => Operators.Rsqrt.Call(this);

        public Tensor sin() => Operators.Sin.Call(this);

        public Tensor cos() => Operators.Cos.Call(this);

        public Tensor atan() => Operators.Atan.Call(this);

        public Tensor round() => Operators.Round.Call(this);

        public Tensor relu() => Operators.Relu.Call(this);

        public Tensor leaky_relu(Scalar negative_slope) => Operators.LeakyRelu.Call(this, negative_slope);

        public Tensor sigmoid() => Operators.Sigmoid.Call(this);

        public Tensor tanh() => Operators.Tanh.Call(this);

        public Tensor softplus(double beta = 1, double threshold = 20) =>
            Operators.Softplus.Call(this, beta, threshold);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Operators.Clamp.Call(this, min, max);

        public Tensor maximum(Tensor other) => Operators.Maximum.Call(this, other);

        public Tensor minimum(Tensor other) => Operators.Minimum.Call(this, other);

        public Tensor masked_fill(Tensor mask, Scalar value) => Operators.MaskedFill.Call(this, mask, value);

        public Tensor eq(Tensor target) => Operators.Equal.Call(this, target);

        public Tensor eq(Scalar target) => Operators.EqualScalar.Call(this, target);

        public Tensor lt(Scalar target) => Operators.LessScalar.Call(this, target);

        public Tensor le(Scalar target) => Operators.LessOrEqualScalar.Call(this, target);

        public Tensor gt(Scalar target) => Operators.GreaterScalar.Call(this, target);

        public Tensor ge(Scalar target) => Operators.GreaterOrEqualScalar.Call(this, target);

        public Tensor isfinite() => Operators.IsFinite.Call(this);

        public Tensor all() => Operators.All.Call(this);

        public Tensor to_type(ScalarType type) => type == dtype ? this : Operators.ToType.Call(this, type);

        public Tensor to(Device device) =>
            device.Equals(this.device) ? this : Operators.ToDevice.Call(this, device, dtype);

        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);

        public static Tensor operator +(Tensor left, Scalar right) => left.add(right);

        public static Tensor operator +(Scalar left, Tensor right) => right.add(left);

        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);

        public static Tensor operator -(Tensor left, Scalar right) => left.sub(right);

        public static Tensor operator -(Scalar left, Tensor right) => Operators.SubtractFrom.Call(right, left);

        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);

        public static Tensor operator *(Tensor left, Scalar right) => left.mul(right);

        public static Tensor operator *(Scalar left, Tensor right) => right.mul(left);

        public static Tensor operator /(Tensor left, Tensor right) => left.div(right);

        public static Tensor operator /(Tensor left, Scalar right) => left.div(right);

        public static Tensor operator -(Tensor tensor) => tensor.neg();
    }

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Operators.Where.Call(condition, x, y);

    public static Tensor maximum(Tensor input, Tensor other) => input.maximum(other);

    public static Tensor minimum(Tensor input, Tensor other) => input.minimum(other);

    public static Tensor exp(Tensor input) => input.exp();

    public static Tensor log(Tensor input) => input.log();

    public static Tensor sqrt(Tensor input) => input.sqrt();

    public static Tensor clamp(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp(min, max);
}
