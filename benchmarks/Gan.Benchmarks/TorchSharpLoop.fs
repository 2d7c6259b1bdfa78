/// The TorchSharp side of the benchmarks: each task as TorchSharp's own modules and optimizers would have it, with one
/// dispose scope a step. The discriminator is frozen in the generator's turn.
module Gan.Benchmarks.TorchSharpLoop

open TorchSharp
open type TorchSharp.torch.nn
open type TorchSharp.Scalar

type private Tensor = torch.Tensor
type private Net = torch.nn.Module<Tensor, Tensor>

let private dense (sizes: int64 list) (activation: unit -> Net) (last: Net list) : Net =
    let layers: Net list =
        [
            for a, b in List.pairwise sizes do
                Linear(a, b)
                activation ()
        ]

    Sequential(Array.ofList (List.take (layers.Length - 1) layers @ last))

let private relu () : Net = ReLU()
let private leaky () : Net = LeakyReLU 0.2

let private dcganGenerator () : Net =
    Sequential(
        [|
            Linear(100L, 6272L) :> Net
            Unflatten(1L, [| 128L; 7L; 7L |])
            BatchNorm2d 128L
            ReLU()
            ConvTranspose2d(128L, 64L, 4L, stride = 2L, padding = 1L)
            BatchNorm2d 64L
            ReLU()
            ConvTranspose2d(64L, 1L, 4L, stride = 2L, padding = 1L)
            Tanh()
        |]
    )

let private dcganDiscriminator () : Net =
    Sequential(
        [|
            Conv2d(1L, 64L, 4L, stride = 2L, padding = 1L) :> Net
            leaky ()
            Conv2d(64L, 128L, 4L, stride = 2L, padding = 1L)
            leaky ()
            Flatten()
            Linear(6272L, 1L)
        |]
    )

/// A step of a task, as a function to be called again and again.
let create (task: string) : unit -> unit =
    torch.manual_seed 1L |> ignore

    let batch, latents, rate, beta1, beta2 =
        match task with
        | "mlp-tanh"
        | "dcgan" -> 64L, 100L, 2e-4, 0.5, 0.999
        | "r3gan-grid" -> 128L, 2L, 2e-3, 0.0, 0.99
        | _ -> 512L, 2L, 1e-3, 0.5, 0.999

    let generator, discriminator =
        match task with
        | "mlp-tanh" ->
            dense [ 100L; 256L; 512L; 1024L; 784L ] relu [ Tanh() ], dense [ 784L; 1024L; 512L; 256L; 1L ] leaky []
        | "dcgan" -> dcganGenerator (), dcganDiscriminator ()
        | "r3gan-grid" -> dense [ 2L; 64L; 64L; 64L; 2L ] leaky [], dense [ 2L; 64L; 64L; 64L; 1L ] leaky []
        | _ -> dense [ 2L; 128L; 128L; 2L ] relu [], dense [ 2L; 128L; 128L; 1L ] leaky []

    let adam (net: Net) =
        torch.optim.Adam(net.parameters (), rate, beta1, beta2)

    let ofGenerator, ofDiscriminator = adam generator, adam discriminator
    let ones, zeros = torch.ones [| batch; 1L |], torch.zeros [| batch; 1L |]

    let pictures =
        torch.randint (0L, 256L, [| 10_000L; 1L; 28L; 28L |], torch.ScalarType.Byte)

    let angles = torch.arange (op_Implicit 8) * op_Implicit (2.0 * System.Math.PI / 8.0)

    let centers = torch.stack ([| angles.cos (); angles.sin () |], 1L)
    let axis = (torch.arange (op_Implicit 5) - op_Implicit 2) * op_Implicit 0.5

    let grid =
        torch.stack([| axis.repeat_interleave 5L; axis.repeat 5L |], 1L).to_type torch.ScalarType.Float32

    let draw () =
        let pick (count: int64) =
            torch.randint (0L, count, [| batch |], torch.ScalarType.Int64)

        match task with
        | "mlp-tanh"
        | "dcgan" ->
            let real =
                pictures.index_select(0L, pick 10_000L).to_type(torch.ScalarType.Float32)
                * op_Implicit (2.0 / 255.0)
                - op_Implicit 1.0

            if task = "dcgan" then real else real.flatten 1L
        | "r3gan-grid" ->
            grid.index_select (0L, pick 25L)
            + torch.randn [| batch; 2L |] * op_Implicit 0.0125
        | _ ->
            centers.index_select (0L, pick 8L)
            + torch.randn [| batch; 2L |] * op_Implicit 0.01

    let bce (logits: Tensor) (labels: Tensor) =
        functional.binary_cross_entropy_with_logits (logits, labels)

    let gradient (output: Tensor) (points: Tensor) =
        (torch.autograd.grad ([| output |], [| points |], retain_graph = true, create_graph = true))[0]

    let wassersteinPenalty (real: Tensor) (fake: Tensor) =
        let e = torch.rand [| batch; 1L |]
        let between = (fake + e * (real - fake)).requires_grad_()
        let slope = gradient (discriminator.forward(between).sum()) between
        let norms = (slope.square().sum 1L + op_Implicit 1e-12).sqrt()
        (norms - op_Implicit 1.0).square().mean() * op_Implicit 10.0

    let zeroCentered (logits: Tensor) (points: Tensor) =
        (gradient (logits.sum ()) points).square().sum(1L).mean() * op_Implicit 0.05

    let freeze (frozen: bool) =
        for parameter in discriminator.parameters () do
            parameter.requires_grad <- not frozen

    let discriminatorLoss (real: Tensor) (fake: Tensor) =
        match task with
        | "ring-wgan-gp" ->
            discriminator.forward(fake).mean() - discriminator.forward(real).mean()
            + wassersteinPenalty real fake
        | "r3gan-grid" ->
            let real, fake = real.requires_grad_ (), fake.requires_grad_ ()
            let ofReal, ofFake = discriminator.forward real, discriminator.forward fake

            functional.softplus(ofFake - ofReal).mean()
            + zeroCentered ofReal real
            + zeroCentered ofFake fake
        | _ -> bce (discriminator.forward real) ones + bce (discriminator.forward fake) zeros

    let generatorLoss (real: Tensor) (fake: Tensor) =
        match task with
        | "ring-wgan-gp" -> -discriminator.forward(fake).mean()
        | "r3gan-grid" -> functional.softplus(discriminator.forward real - discriminator.forward fake).mean()
        | _ -> bce (discriminator.forward fake) ones

    let draw () =
        use _ = torch.no_grad ()
        draw ()

    let z () = torch.randn [| batch; latents |]

    fun () ->
        use _ = torch.NewDisposeScope()
        let real = draw ()

        let fake =
            use _ = torch.no_grad ()
            generator.forward (z ())

        let loss = discriminatorLoss real fake
        ofDiscriminator.zero_grad ()
        loss.backward ()
        ofDiscriminator.step () |> ignore
        freeze true

        let loss =
            generatorLoss (if task = "r3gan-grid" then draw () else real) (generator.forward (z ()))

        ofGenerator.zero_grad ()
        loss.backward ()
        ofGenerator.step () |> ignore
        freeze false
