/// Starts the engine before the tests' own tensors are made, which is when the program starts.
module Gan.Core.Tests.Start

Gan.Core.Engine.Start()
