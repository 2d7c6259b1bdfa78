// A penalty of one's own: large logits on real points cost.
open Gan.Core
open Gan.Experiments

let drift coefficient =
    { new IPenalty with
        member _.Evaluate input =
            Term(input.RealOutput.Logits.square().mean().Times coefficient)
    }

let extend (catalogs: Catalogs) =
    catalogs.WithPenalty(
        CatalogEntry("drift", "coefficient E D(x)^2", fun spec -> drift (spec.Number("coefficient", 1e-3)))
    )
