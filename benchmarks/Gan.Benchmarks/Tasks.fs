/// The games that are timed, as specs: the PyTorch peer in peer.py has the same.
module Gan.Benchmarks.Tasks

/// A task: its name, its spec, the steps of a block, and the multiplications that one step cannot do without.
type Task =
    {
        Name: string
        Spec: string
        BlockSteps: int
        Flops: float
    }

/// Multiplications and additions of dense layers, forward and back: the discriminator's turn runs the generator forward, and
/// the discriminator forward and back twice; the generator's runs both forward and back, the discriminator without weight gradients.
let private denseFlops batch (generator: int list) (discriminator: int list) =
    let products sizes =
        sizes |> List.pairwise |> List.sumBy (fun (a, b) -> 2.0 * float (batch * a * b))
    // No gradient is needed of a network's first input.
    let firstInput sizes =
        2.0 * float (batch * List.item 0 sizes * List.item 1 sizes)

    let g, d = products generator, products discriminator
    let discriminatorTurn = g + 2.0 * (3.0 * d - firstInput discriminator)
    let generatorTurn = 3.0 * g - firstInput generator + 2.0 * d
    discriminatorTurn + generatorTurn

let private ring penalties =
    $"""
steps: 0
data: ring
batch: 512
latents: {{kind: normal, size: 2}}
generator: {{kind: mlp, widths: [128, 128]}}
discriminator: {{kind: mlp, widths: [128, 128]}}
loss: non_saturating
penalties: {penalties}
generator_optimizer: {{kind: adam, learning_rate: 1e-3, beta1: 0.5}}
discriminator_optimizer: {{kind: adam, learning_rate: 1e-3, beta1: 0.5}}
"""

/// The row of experiments/r3gan that trains best.
let private grid =
    """
steps: 0
data: {kind: grid, side: 5, spacing: 0.5, deviation: 0.0125}
batch: 128
latents: {kind: normal, size: 2}
generator: {kind: mlp, widths: [64, 64, 64], activation: leaky_relu}
discriminator: {kind: mlp, widths: [64, 64, 64], activation: leaky_relu}
loss: relativistic_paired
penalties: [{kind: r1, gamma: 0.1}, {kind: r2, gamma: 0.1}]
generator_optimizer: {kind: adam, learning_rate: 2e-3, beta1: 0, beta2: 0.99}
discriminator_optimizer: {kind: adam, learning_rate: 2e-3, beta1: 0, beta2: 0.99}
"""

let private digits generator discriminator =
    $"""
steps: 0
data: glyphs
batch: 64
latents: {{kind: normal, size: 100}}
generator: {generator}
discriminator: {discriminator}
loss: non_saturating
generator_optimizer: {{kind: adam, learning_rate: 2e-4, beta1: 0.5}}
discriminator_optimizer: {{kind: adam, learning_rate: 2e-4, beta1: 0.5}}
"""

/// A convolution's multiplications and additions over a batch of 64.
let private convFlops outputs inputs kernel pixels =
    2.0 * 64.0 * float (outputs * inputs * kernel * kernel * pixels)

let private ringFlops = denseFlops 512 [ 2; 128; 128; 2 ] [ 2; 128; 128; 1 ]

/// A gradient penalty of logits that are there: back to the input, and back through that to the weights.
let private penaltyFlops batch (discriminator: int list) =
    discriminator
    |> List.pairwise
    |> List.sumBy (fun (a, b) -> 3.0 * 2.0 * float (batch * a * b))

/// Interpolates are judged for the penalty alone: forward, and back to the weights.
let private interpolateFlops = 2.0 * penaltyFlops 512 [ 2; 128; 128; 1 ]

/// R1 and R2 differentiate the logits of the loss; the generator's turn judges real points too.
let private gridFlops =
    let discriminator = [ 2; 64; 64; 64; 1 ]

    denseFlops 128 [ 2; 64; 64; 64; 2 ] discriminator
    + 2.0 * penaltyFlops 128 discriminator
    + penaltyFlops 128 discriminator / 3.0

let private dcganFlops =
    let first = 2.0 * 64.0 * float (100 * 6272)
    let up1, up2 = convFlops 64 128 4 49, convFlops 1 64 4 196
    let g = first + up1 + up2

    let down1, down2, head =
        convFlops 64 1 4 196, convFlops 128 64 4 49, 2.0 * 64.0 * 6272.0

    let d = down1 + down2 + head
    g + 2.0 * (3.0 * d - down1) + (3.0 * g - first) + 2.0 * d

/// Every task.
let all =
    [
        {
            Name = "mlp-tanh"
            Spec =
                digits
                    "{kind: mlp, widths: [256, 512, 1024], activation: relu}"
                    "{kind: mlp, widths: [1024, 512, 256], activation: {kind: leaky_relu, slope: 0.2}}"
            BlockSteps = 60
            Flops = denseFlops 64 [ 100; 256; 512; 1024; 784 ] [ 784; 1024; 512; 256; 1 ]
        }
        {
            Name = "ring"
            Spec = ring "[]"
            BlockSteps = 500
            Flops = ringFlops
        }
        {
            Name = "ring-wgan-gp"
            Spec = (ring "[{kind: wgan_gp, coefficient: 10}]").Replace("non_saturating", "wasserstein")
            BlockSteps = 300
            Flops = ringFlops + interpolateFlops
        }
        {
            Name = "r3gan-grid"
            Spec = grid
            BlockSteps = 500
            Flops = gridFlops
        }
        {
            Name = "dcgan"
            Spec = digits "{kind: dcgan, channels: [128, 64]}" "{kind: dcgan, channels: [64, 128]}"
            BlockSteps = 20
            Flops = dcganFlops
        }
    ]
