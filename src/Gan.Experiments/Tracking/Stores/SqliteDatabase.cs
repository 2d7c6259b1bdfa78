using Microsoft.Data.Sqlite;

namespace Gan.Experiments;

/// <summary>
/// A SQLite file. Several processes may write to one file: each waits for the other up to 20
/// seconds.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    const int Patience = 20;

    /// <summary>Opens a file, which is made where it is new.</summary>
    /// <exception cref="UserException">It cannot be opened.</exception>
    public SqliteDatabase(string file)
    {
        File = Path.GetFullPath(file);
        Connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = File,
                Pooling = false,
                DefaultTimeout = Patience,
            }.ToString()
        );
        Guarded(() =>
        {
            Connection.Open();
            Execute($"PRAGMA busy_timeout = {Patience * 1000}");
            Execute("PRAGMA foreign_keys = ON");
        });
    }

    /// <summary>True for a file that begins as SQLite's do.</summary>
    public static bool Is(string file)
    {
        var magic = "SQLite format 3\0"u8;
        if (!System.IO.File.Exists(file))
            return false;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> head = stackalloc byte[magic.Length];
        return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length
            && head.SequenceEqual(magic);
    }

    /// <summary>The file's full name.</summary>
    public string File { get; }

    /// <summary>The connection.</summary>
    public SqliteConnection Connection { get; }

    /// <summary>Does something; what SQLite says of a failure becomes a sentence that a user can act on.</summary>
    public T Guarded<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (SqliteException failure)
        {
            throw new UserException($"The tracking store '{File}' cannot be used: {Reason(failure)}.");
        }
    }

    /// <inheritdoc cref="Guarded{T}"/>
    public void Guarded(Action action) =>
        Guarded(() =>
        {
            action();
            return true;
        });

    /// <summary>Does something in one transaction that no other writer is in.</summary>
    public void InTransaction(Action action) =>
        Guarded(() =>
        {
            var transaction = Connection.BeginTransaction();
            try
            {
                action();
                transaction.Commit();
            }
            finally
            {
                End(transaction);
            }
        });

    // On a full disk SQLite has rolled back by itself, and says that there is nothing to roll back; what failed before
    // that is what counts.
    static void End(SqliteTransaction transaction)
    {
        try
        {
            transaction.Dispose();
        }
        catch (SqliteException) { }
    }

    /// <summary>Reads rows by a query with named parameters.</summary>
    public IReadOnlyList<T> Query<T>(
        string sql,
        Func<SqliteDataReader, T> read,
        params (string Name, object Value)[] parameters
    )
    {
        using var command = Command(sql, parameters);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>Runs statements with named parameters.</summary>
    public void Execute(string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(sql, parameters);
        command.ExecuteNonQuery();
    }

    /// <summary>The first value of the first row.</summary>
    public object? Scalar(string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(sql, parameters);
        return command.ExecuteScalar();
    }

    /// <inheritdoc/>
    public void Dispose() => Connection.Dispose();

    SqliteCommand Command(string sql, (string Name, object Value)[] parameters)
    {
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }

    /// <summary>SQLite's words for a failure, without the library's frame around them.</summary>
    static string Reason(SqliteException failure) =>
        failure.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY
            ? $"another process has kept it to itself for {Patience} seconds; the runs' journals have what it did not take, and gan sync carries it there"
            : failure.Message.Replace($"SQLite Error {failure.SqliteErrorCode}: ", "").Trim('\'', '.');
}
