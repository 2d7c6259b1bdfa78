namespace Gan.Core;

/// <summary>A matrix in memory: its element (i, j) is at start + i row + j column.</summary>
internal readonly unsafe struct Strided<T>(T* start, int row, int column)
    where T : unmanaged
{
    public readonly T* Start = start;
    public readonly int Row = row;
    public readonly int Column = column;

    public Strided<T> Transposed => new(Start, Column, Row);

    /// <summary>What is left of it from a row and a column on.</summary>
    public Strided<T> From(int row, int column) => new(Start + (long)row * Row + (long)column * Column, Row, Column);
}
