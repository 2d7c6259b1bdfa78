namespace Gan.Testing

/// A number and its derivative along one direction: forward differentiation in plain F#, owing nothing to libtorch.
[<Struct>]
type Dual =
    {
        Value: float
        Slope: float
    }

    static member (+)(a: Dual, b: Dual) =
        {
            Value = a.Value + b.Value
            Slope = a.Slope + b.Slope
        }

    static member (-)(a: Dual, b: Dual) =
        {
            Value = a.Value - b.Value
            Slope = a.Slope - b.Slope
        }

    static member (*)(a: Dual, b: Dual) =
        {
            Value = a.Value * b.Value
            Slope = a.Slope * b.Value + a.Value * b.Slope
        }

    static member (/)(a: Dual, b: Dual) =
        {
            Value = a.Value / b.Value
            Slope = (a.Slope * b.Value - a.Value * b.Slope) / (b.Value * b.Value)
        }

    static member (~-)(a: Dual) = { Value = -a.Value; Slope = -a.Slope }
    static member Zero = { Value = 0.0; Slope = 0.0 }

module Dual =
    /// A constant.
    let number value = { Value = value; Slope = 0.0 }

    let private lift f slope (a: Dual) =
        {
            Value = f a.Value
            Slope = slope a.Value * a.Slope
        }

    let exp = lift exp exp
    let log = lift log (fun x -> 1.0 / x)
    let sqrt = lift sqrt (fun x -> 0.5 / sqrt x)
    let tanh = lift tanh (fun x -> 1.0 - tanh x * tanh x)

    let sigmoid =
        lift (fun x -> 1.0 / (1.0 + System.Math.Exp -x)) (fun x ->
            let s = 1.0 / (1.0 + System.Math.Exp -x) in s * (1.0 - s))

    let relu = lift (max 0.0) (fun x -> if x > 0.0 then 1.0 else 0.0)
    let square (a: Dual) = a * a
    let abs = lift abs (fun x -> if x > 0.0 then 1.0 else -1.0)
    let atan = lift atan (fun x -> 1.0 / (1.0 + x * x))

    let pow exponent =
        lift (fun x -> x ** exponent) (fun x -> exponent * x ** (exponent - 1.0))

    /// log(1 + e^x), safe for large x.
    let softplus =
        lift (fun x -> max x 0.0 + System.Math.Log(1.0 + System.Math.Exp(-(System.Math.Abs x)))) (fun x ->
            1.0 / (1.0 + System.Math.Exp -x))

    let mean (values: Dual seq) =
        Seq.reduce (+) values / number (float (Seq.length values))
