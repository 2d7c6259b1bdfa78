// A metric of one's own: how far from zero points are, in the mean, generated over real.
open Gan.Core
open Gan.Experiments

let distance (points: Sample) =
    points.ToMatrix().square().sum([| 1L |]).sqrt().mean().to_type(TorchSharp.torch.ScalarType.Float64).item<float>()

let reach =
    Metric([| "reach" |], fun input -> [| distance input.Fake / distance input.Real |])

let extend (catalogs: Catalogs) =
    catalogs.WithMetric(CatalogEntry("reach", "E |G(z)| / E |x|", (fun _ -> reach)))
