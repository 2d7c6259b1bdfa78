// A layer and a generator of one's own: dense layers with sines between them.
open Gan.Core
open Gan.Experiments

let sine =
    { new ILayer with
        member _.Apply(_, buffers, input, _, _) = LayerOutput(input.sin (), buffers)
    }

let siren width (latents: LatentPrior) (space: Space) =
    LayeredGenerator(latents, Sequential(Linear(latents.Size, width), sine, Linear(width, space.Size)), space)

let extend (catalogs: Catalogs) =
    catalogs
        .WithLayer(CatalogEntry("sine", "sin(x)", (fun _ -> sine)))
        .WithGenerator(
            CatalogEntry(
                "siren",
                "dense, sine, dense",
                fun spec ->
                    let width = spec.Integer("width", 64)
                    GeneratorFactory(fun latents space _ -> siren width latents space)
            )
        )
