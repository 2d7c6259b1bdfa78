// A system of one's own: InfoGAN (Chen et al., 2016). A network q guesses the first latents of a generated point; generator
// and q are trained together to make the guess right, so that these latents stand for something to be seen.
open System.Collections.Immutable
open Gan.Core
open Gan.Experiments

/// coefficient E |q(G(z)) - c|^2, c the first latents: -E log q(c | G(z)) of a Gaussian q, up to constants.
let mutualInformation coefficient (codes: int) =
    { new IPenalty with
        member _.ReadsReal = false

        member _.Evaluate input =
            let nothing = input.Latents.narrow (1, 0, 0)

            let guess =
                input.Players["q"].Generate(nothing, input.Fake, input.Key).Sample.Single

            Term((guess - input.Latents.narrow (1, 0, codes)).square().mean().Times coefficient)
    }

let infogan coefficient codes =
    { new ISystem with
        member _.Create(spec, input) =
            let space = input.Data.Space
            let latents = spec.Choice("latents", spec.Catalogs.Latents, "normal")
            let makeGenerator = spec.Choice("generator", spec.Catalogs.Generators)
            let makeDiscriminator = spec.Choice("discriminator", spec.Catalogs.Discriminators)
            let makeQ = spec.Choice("q", spec.Catalogs.Generators, "mlp")
            let config = AdversarialKeys.Read(spec, input)
            let data = BatchView(Sample = space)
            let samples = GeneratedSamples(Data = data)
            let code = Space.Vector(codes, ValueRange.Unbounded)

            let players =
                [
                    Player("generator", makeGenerator.Invoke(latents, space, null), config.GeneratorOptimizer)
                    Player("q", makeQ.Invoke(LatentPrior.None(), code, space), config.GeneratorOptimizer)
                    Player("discriminator", makeDiscriminator.Invoke(space, null), config.DiscriminatorOptimizer)
                ]

            let discriminating =
                DiscriminatorObjective(
                    Samples = samples,
                    Loss = config.Loss,
                    Penalties = ImmutableArray.CreateRange config.Penalties
                )

            let generating =
                GeneratorObjective(
                    Samples = samples,
                    Loss = config.Loss,
                    Penalties = ImmutableArray.Create(mutualInformation coefficient codes),
                    BatchSize = input.BatchSize
                )

            let turns =
                [
                    Turn.Of("discriminator", discriminating)
                    Turn("generator", ImmutableArray.Create("generator", "q"), generating, 1)
                ]

            SystemGame(Game(players, turns, config.Rule, config.Dtype), [ SampledGenerator("generator", data) ])
    }

let extend (catalogs: Catalogs) =
    catalogs.WithSystem(
        CatalogEntry(
            "infogan",
            "a network q guesses the first latents of a generated point",
            fun spec -> infogan (spec.Number("coefficient", 1.0)) (spec.Integer("codes", 2))
        )
    )
