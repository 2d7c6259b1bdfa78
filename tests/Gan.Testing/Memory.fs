/// What this process holds.
module Gan.Testing.Memory

open System
open System.Diagnostics
open TorchSharp

/// Collects what nobody holds, finalizers included.
let collect () =
    for _ in 1..3 do
        GC.Collect()
        GC.WaitForPendingFinalizers()

/// The tensors that somebody holds.
let liveTensors () =
    collect ()
    torch.Tensor.TotalCount

/// The memory that is in use, in MiB.
let residentMegabytes () =
    float (Process.GetCurrentProcess().WorkingSet64) / 1048576.0
