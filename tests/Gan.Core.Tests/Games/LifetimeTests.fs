module Gan.Core.Tests.LifetimeTests

open Expecto
open TorchSharp
open Gan.Testing
open Gan.Core.Tests.GameTests

let tests =
    testList
        "Lifetimes"
        [
            testCase "no handle leaks over 10,000 steps"
            <| fun () ->
                let game = game "plain"
                let mutable state = run game 10 disposing
                let before = Memory.liveTensors ()

                for step in 10..10_009 do
                    use scope = torch.NewDisposeScope()
                    let next = disposing game state (batches game step)

                    for tensor in next.Tensors do
                        scope.MoveToOuter tensor |> ignore

                    state <- next

                Expect.equal before (Memory.liveTensors ())
                Expect.equal 10_010L state.Step

            Suite.full
                [
                    testCase "memory is flat over 10,000 evaluation batches without a scope or Dispose"
                    <| fun () ->
                        let game = game "batch norm"
                        let state = (game.Init root).Player "generator"
                        let generator = generator Gan.Core.Normalization.Batch

                        let evaluate i =
                            use _ = torch.no_grad ()
                            let latents = prior.Draw(root.Derive(int64 i), 512, game.Dtype)

                            generator
                                .Generate(state.Network, latents, null, Gan.Core.Mode.Evaluate, root)
                                .Sample.Single.mean()
                                .item<float32>()
                            |> ignore

                        for i in 1..1000 do
                            evaluate i

                        let early = Memory.residentMegabytes ()

                        for i in 1001..10_000 do
                            evaluate i

                        let late = Memory.residentMegabytes ()
                        Expect.holds (late < 1.2 * early) $"{early} MB after 1,000 batches, {late} MB after 10,000"

                    testCase "memory is flat over 100,000 steps without a scope or Dispose"
                    <| fun () ->
                        let game = game "plain"
                        let state = ref (game.Init root)

                        /// Plays to a step, and says the most memory seen on the way.
                        let playTo last =
                            let mutable most = 0.0

                            while state.Value.Step < last do
                                state.Value <- pureStep game state.Value (batches game (int state.Value.Step))

                                if state.Value.Step % 100L = 0L then
                                    most <- max most (Memory.residentMegabytes ())

                            most

                        playTo 2_000L |> ignore
                        let before, early = Memory.liveTensors (), playTo 20_000L
                        playTo 80_000L |> ignore
                        let late, after = playTo 100_000L, Memory.liveTensors ()
                        Expect.holds (late < 1.1 * early) $"{early} MB up to step 20,000, {late} MB up to 100,000"
                        Expect.equal before after
                ]
        ]
