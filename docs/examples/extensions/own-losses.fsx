// A loss of one's own, for specs: extensions: [own-losses.fsx], or gan train SPEC --extension own-losses.fsx
open Gan.Core
open Gan.Experiments

let cost (logits: TorchSharp.torch.Tensor) scale = logits.Times(scale).exp().mean()

let exponential (spec: SpecReader) =
    let scale = spec.Number("scale", 1.0)

    { new IAdversarialLoss with
        member _.Discriminator input =
            Term(cost input.Real.Logits -scale + cost input.Fake.Logits scale)

        member _.Generator input = Term(cost input.Fake.Logits -scale)
    }

let extend (catalogs: Catalogs) =
    catalogs.WithLoss(CatalogEntry("exponential", "E exp(-s D(x)) + E exp(s D(G(z)))", exponential))
