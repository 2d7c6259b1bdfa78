/// The published formulas, written again in plain F#: what the library's losses, penalties, layers and optimizers are held against.
module Gan.Testing.Reference

open Gan.Testing

let private one = Dual.number 1.0
let private half = Dual.number 0.5

/// A loss as two functions of the logits of real and generated points.
type Loss =
    {
        Discriminator: Dual list -> Dual list -> Dual
        Generator: Dual list -> Dual list -> Dual
    }

let private mean f values = Dual.mean (List.map f values)

/// The losses by the names that specs use.
let losses =
    let logistic real fake =
        mean (fun d -> Dual.softplus -d) real + mean Dual.softplus fake

    // An f-divergence by the function that makes a discriminator's output, and the conjugate of it.
    let divergence activation conjugate =
        {
            Discriminator = fun real fake -> mean (fun v -> conjugate (activation v)) fake - mean activation real
            Generator = fun _ fake -> -(mean (fun v -> conjugate (activation v)) fake)
        }

    let two = Dual.number 2.0

    let length value =
        Dual.sqrt (Dual.square value + Dual.number 1e-12)

    let distance a b = length (a - b)

    let between kernel real fake =
        List.allPairs real fake |> List.map (fun (a, b) -> kernel a b) |> Dual.mean

    let others kernel points =
        List.allPairs (List.indexed points) (List.indexed points)
        |> List.filter (fun ((i, _), (j, _)) -> i <> j)
        |> List.map (fun ((_, a), (_, b)) -> kernel a b)
        |> Dual.mean

    dict
        [
            "relativistic_average",
            (let above high low =
                let mean = Dual.mean

                mean (high |> List.map (fun d -> Dual.softplus (mean low - d)))
                + mean (low |> List.map (fun d -> Dual.softplus (d - mean high)))

             {
                 Discriminator = above
                 Generator = fun real fake -> above fake real
             })
            "kl", divergence id (fun t -> Dual.exp (t - one))
            "reverse_kl", divergence (fun v -> -(Dual.exp -v)) (fun t -> -one - Dual.log -t)
            "pearson", divergence id (fun t -> Dual.square t / Dual.number 4.0 + t)
            "neyman", divergence (fun v -> one - Dual.exp -v) (fun t -> two - two * Dual.sqrt (one - t))
            "squared_hellinger", divergence (fun v -> one - Dual.exp -v) (fun t -> t / (one - t))
            "jensen_shannon",
            divergence (fun v -> Dual.log (two * Dual.sigmoid v)) (fun t -> -(Dual.log (two - Dual.exp t)))
            "total_variation", divergence (fun v -> half * Dual.tanh v) id
            // At 1/2 the power is -1, and 1/(1 - a) is 2.
            "alpha", divergence (fun v -> two - Dual.softplus -v) (fun t -> two * (one / (one - half * t) - one))
            "non_saturating",
            {
                Discriminator = logistic
                Generator = fun _ fake -> mean (fun d -> Dual.softplus -d) fake
            }
            "minimax",
            {
                Discriminator = logistic
                Generator = fun _ fake -> mean (fun d -> Dual.log (one - Dual.sigmoid d)) fake
            }
            "least_squares",
            {
                Discriminator =
                    fun real fake -> half * mean (fun d -> Dual.square (d - one)) real + half * mean Dual.square fake
                Generator = fun _ fake -> half * mean (fun d -> Dual.square (d - one)) fake
            }
            "wasserstein",
            {
                Discriminator = fun real fake -> mean id fake - mean id real
                Generator = fun _ fake -> -(mean id fake)
            }
            "hinge",
            {
                Discriminator =
                    fun real fake ->
                        mean (fun d -> Dual.relu (one - d)) real
                        + mean (fun d -> Dual.relu (one + d)) fake
                Generator = fun _ fake -> -(mean id fake)
            }
            "energy_based",
            {
                Discriminator =
                    fun real fake -> mean Dual.square real + mean (fun d -> Dual.relu (one - Dual.square d)) fake
                Generator = fun _ fake -> mean Dual.square fake
            }
            // At the first balance, 0.
            "began",
            {
                Discriminator = fun real _ -> mean Dual.abs real
                Generator = fun _ fake -> mean Dual.abs fake
            }
            // At the first multiplier, 0.
            "fisher",
            {
                Discriminator =
                    fun real fake ->
                        let moment = half * (mean Dual.square real + mean Dual.square fake)
                        mean id fake - mean id real + Dual.number 5e-7 * Dual.square (moment - one)
                Generator = fun _ fake -> -(mean id fake)
            }
            "mmd",
            (let kernel a b =
                [ 0.2; 0.5; 1.0; 2.0; 5.0 ]
                |> List.map (fun scale -> Dual.pow -scale (one + Dual.square (a - b) * Dual.number (0.5 / scale)))
                |> List.reduce (+)

             let discrepancy real fake =
                 others kernel real + others kernel fake - two * between kernel real fake

             {
                 Discriminator = fun real fake -> -(discrepancy real fake)
                 Generator = discrepancy
             })
            "cramer",
            {
                Discriminator =
                    fun real fake ->
                        (others distance fake - mean length fake)
                        - (between distance real fake - mean length real)
                Generator = fun real fake -> two * between distance real fake - others distance fake
            }
            "sphere",
            (let moments value =
                let d = Dual.number System.Math.PI - two * Dual.atan (length value)
                d + d * d + d * d * d

             {
                 Discriminator = fun real fake -> mean moments fake - mean moments real
                 Generator = fun _ fake -> -(mean moments fake)
             })
            "label_smoothing",
            {
                Discriminator =
                    fun real fake ->
                        Dual.number 0.9 * mean (fun d -> Dual.softplus -d) real
                        + Dual.number 0.1 * mean Dual.softplus real
                        + mean Dual.softplus fake
                Generator = fun _ fake -> mean (fun d -> Dual.softplus -d) fake
            }
            // None of the twelve labels of the laws' key is flipped at the default probability.
            "label_flipping",
            {
                Discriminator = logistic
                Generator = fun _ fake -> mean (fun d -> Dual.softplus -d) fake
            }
            "top_k",
            {
                Discriminator = logistic
                Generator =
                    fun _ fake ->
                        fake
                        |> List.sortByDescending _.Value
                        |> List.take (fake.Length / 2)
                        |> mean (fun d -> Dual.softplus -d)
            }
            "relativistic_paired",
            {
                Discriminator = fun real fake -> List.map2 (fun r f -> Dual.softplus (f - r)) real fake |> Dual.mean
                Generator = fun real fake -> List.map2 (fun r f -> Dual.softplus (r - f)) real fake |> Dual.mean
            }
        ]

/// A discriminator of one hidden layer: w2 . tanh(W1 x + b1).
type Discriminator =
    {
        Hidden: Dual list list
        Bias: Dual list
        Output: Dual list
    }

let private dot a b = List.map2 (*) a b |> List.reduce (+)

/// The gradient of the discriminator's logit with respect to the point.
let inputGradient discriminator (point: float list) =
    let x = List.map Dual.number point

    let activations =
        List.map2 (fun row bias -> Dual.tanh (dot row x + bias)) discriminator.Hidden discriminator.Bias

    let slopes =
        List.map2 (fun w a -> w * (one - Dual.square a)) discriminator.Output activations

    [
        for i in 0 .. point.Length - 1 -> dot slopes (discriminator.Hidden |> List.map (List.item i))
    ]

let private squaredNorm gradient =
    gradient |> List.map Dual.square |> List.reduce (+)

/// gamma/2 E |grad D|^2 at the points.
let zeroCentered gamma discriminator points =
    Dual.number (gamma / 2.0)
    * Dual.mean (points |> List.map (inputGradient discriminator >> squaredNorm))

/// weight E (|grad D| - target)^2 at the points.
let gradientPenalty weight target discriminator points =
    points
    |> List.map (fun p -> Dual.square (Dual.sqrt (squaredNorm (inputGradient discriminator p)) - Dual.number target))
    |> Dual.mean
    |> (*) (Dual.number weight)

/// weight E max(0, |grad D| - target)^2 at the points.
let oneSidedPenalty weight target discriminator points =
    points
    |> List.map (fun p ->
        Dual.square (Dual.relu (Dual.sqrt (squaredNorm (inputGradient discriminator p)) - Dual.number target)))
    |> Dual.mean
    |> (*) (Dual.number weight)

/// weight E (|grad D|^2)^n at the points.
let power weight n discriminator points =
    points
    |> List.map (fun p ->
        List.replicate n (squaredNorm (inputGradient discriminator p))
        |> List.reduce (*))
    |> Dual.mean
    |> (*) (Dual.number weight)

/// weight max |grad D|^2 at the points.
let largest weight discriminator points =
    points
    |> List.map (fun p -> squaredNorm (inputGradient discriminator p))
    |> List.maxBy _.Value
    |> (*) (Dual.number weight)

/// The numbers of an optimizer over some steps: from the first weight, its gradient at each step, to the last weight.
type Scalar = float -> float list -> float

/// Adam as the paper writes it.
let adam rate beta1 beta2 epsilon decay : Scalar =
    fun start gradients ->
        let step (w, m, v, t) g =
            let m = beta1 * m + (1.0 - beta1) * g
            let v = beta2 * v + (1.0 - beta2) * g * g
            let t = t + 1

            let direction =
                m / (1.0 - beta1 ** float t) / (sqrt (v / (1.0 - beta2 ** float t)) + epsilon)

            w - rate * (direction + decay * w), m, v, t

        let last, _, _, _ = List.fold step (start, 0.0, 0.0, 0) gradients
        last

/// RMSProp, epsilon outside the root.
let rmsProp rate decay epsilon : Scalar =
    fun start gradients ->
        let step (w, v) g =
            let v = decay * v + (1.0 - decay) * g * g
            w - rate * g / (sqrt v + epsilon), v

        fst (List.fold step (start, 0.0) gradients)

/// Gradient descent with momentum.
let momentum rate decay nesterov : Scalar =
    fun start gradients ->
        let step (w, t) g =
            let t = decay * t + g
            w - rate * (if nesterov then g + decay * t else t), t

        fst (List.fold step (start, 0.0) gradients)
