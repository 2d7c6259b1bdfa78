/// Expectations that fail with both values; the expected one comes first. Expecto's own take it second, and a message each.
module Gan.Testing.Expect

open Expecto

/// Fails unless the two are equal.
let equal (expected: 'a) (actual: 'a) =
    if expected <> actual then
        failtest $"expected {expected}, got {actual}"

/// Fails unless it holds.
let holds condition (what: string) =
    if not condition then
        failtest what

/// Fails unless |actual - expected| <= tolerance.
let within (tolerance: float) (expected: float) (actual: float) =
    if not (abs (actual - expected) <= tolerance) then
        failtest $"expected {expected:R} within {tolerance}, got {actual:R}"

/// Fails unless the text has the part in it.
let contains (part: string) (text: string) =
    if not (text.Contains part) then
        failtest $"expected '{part}' in: {text}"

/// Fails if the text has the part in it.
let lacks (part: string) (text: string) =
    if text.Contains part then
        failtest $"expected no '{part}' in: {text}"

/// The failure of a function, which must be of the type.
let failure<'e when 'e :> exn> (f: unit -> unit) : 'e =
    try
        f ()
        None
    with
    | :? 'e as expected -> Some expected
    | other -> failtest $"expected {typeof<'e>.Name}, got {other}"
    |> Option.defaultWith (fun () -> failtest $"expected {typeof<'e>.Name}, nothing was thrown")
