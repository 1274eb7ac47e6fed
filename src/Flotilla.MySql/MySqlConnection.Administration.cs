using System.Text;
using Flotilla.MySql.Protocol;

namespace Flotilla.MySql;

/// <content>Commands that are no statements.</content>
public sealed partial class MySqlConnection
{
    private readonly List<uint> _statementsToClose = [];

    /// <summary>Has the server parse a statement; question marks stand for values.</summary>
    public ValueTask<MySqlStatement> PrepareAsync(string sql, CancellationToken cancellationToken = default)
    {
        WriteCommand(ServerCommand.StatementPrepare, sql, cancellationToken);
        return MySqlStatement.PrepareAsync(this);
    }

    /// <summary>Asks for a sign of life.</summary>
    public async ValueTask PingAsync(CancellationToken cancellationToken = default) => await RunAsync(ServerCommand.Ping, "", cancellationToken);

    /// <summary>Changes the current schema.</summary>
    public async ValueTask UseAsync(string schema, CancellationToken cancellationToken = default)
    {
        await RunAsync(ServerCommand.InitDb, schema, cancellationToken);
        Options = Options with { Database = schema };
    }

    /// <summary>One line about the server: uptime, threads, questions.</summary>
    public async ValueTask<string> StatisticsAsync(CancellationToken cancellationToken = default)
    {
        WriteCommand(ServerCommand.Statistics, "", cancellationToken);
        await SendCommandAsync();
        string text;
        try
        {
            await Channel.ReadAsync();
            text = Encoding.UTF8.GetString(Channel.Payload);
        }
        catch (Exception e)
        {
            throw await FailCommandAsync(e);
        }

        await EndCommandAsync(null);
        return text;
    }

    /// <summary>
    /// Makes the session as new: transaction rolled back, locks, temporary tables, variables and prepared statements gone. Servers that do not
    /// know the command (before MySQL 5.7.3 and MariaDB 10.2.4) are asked to authenticate us again, which has the same effect.
    /// </summary>
    public async ValueTask ResetAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await RunAsync(ServerCommand.ResetConnection, "", cancellationToken);
            Session = new MySqlSession();
        }
        catch (MySqlServerException e) when (e.Number == 1047)
        {
            await ChangeUserAsync(Options.User, Options.Password, Options.Database, cancellationToken);
        }
    }

    /// <summary>Becomes another user, with a session as new. If the server refuses, the connection is closed.</summary>
    public async ValueTask ChangeUserAsync(string user, string password, string? database = null, CancellationToken cancellationToken = default)
    {
        BeginCommand(ServerCommand.ChangeUser, cancellationToken);
        var changed = Options with { User = user, Password = password, Database = database };
        try
        {
            await _handshaker.ChangeUserAsync(changed);
        }
        catch (Exception e)
        {
            throw await FailCommandAsync(e);
        }

        Options = changed;
        Session = new MySqlSession();
        await EndCommandAsync(null);
    }

    /// <summary>Tells the server that this session is a replica's.</summary>
    public async ValueTask RegisterReplicaAsync(RegisterReplica replica, CancellationToken cancellationToken = default)
    {
        replica.Write(BeginCommand(ServerCommand.RegisterReplica, cancellationToken));
        await SendCommandAsync();
        var result = new MySqlResult(this, isBinary: false);
        await result.ReadHeaderAsync();
        await result.ReadToEndAsync();
    }

    /// <summary>Has the binlog sent from a position, or by MariaDB's <c>@slave_connect_state</c>.</summary>
    /// <param name="dump">From where.</param>
    /// <param name="silenceLimit">The longest wait for a packet; heartbeats must come more often.</param>
    /// <param name="cancellationToken">Before anything is sent.</param>
    public ValueTask<BinlogPackets> DumpBinlogAsync(BinlogDump dump, TimeSpan silenceLimit, CancellationToken cancellationToken = default)
    {
        dump.Write(BeginCommand(ServerCommand.BinlogDump, cancellationToken));
        return StreamAsync(silenceLimit);
    }

    /// <summary>Has all transactions sent that are not in a set (MySQL).</summary>
    /// <param name="dump">The set.</param>
    /// <param name="silenceLimit">The longest wait for a packet; heartbeats must come more often.</param>
    /// <param name="cancellationToken">Before anything is sent.</param>
    public ValueTask<BinlogPackets> DumpBinlogAsync(BinlogDumpGtid dump, TimeSpan silenceLimit, CancellationToken cancellationToken = default)
    {
        dump.Write(BeginCommand(ServerCommand.BinlogDumpGtid, cancellationToken));
        return StreamAsync(silenceLimit);
    }

    internal async ValueTask CloseStatementAsync(uint id)
    {
        lock (_lock)
        {
            if (!IsOpen)
                return;
            _statementsToClose.Add(id);
            if (_isBusy)
                return;
            _isBusy = true;
        }

        try
        {
            await CloseStatementsAsync();
        }
        catch (MySqlException)
        {
            Abort();
        }
        finally
        {
            lock (_lock)
                _isBusy = false;
        }
    }

    /// <summary>Tells the server which statements are closed; it does not answer.</summary>
    private async ValueTask CloseStatementsAsync()
    {
        uint[] ids;
        lock (_lock)
        {
            ids = [.. _statementsToClose];
            _statementsToClose.Clear();
        }

        foreach (var id in ids)
            await Channel.SendAsideAsync(MySqlStatement.ClosePacket(id));
    }

    private async ValueTask<BinlogPackets> StreamAsync(TimeSpan silenceLimit)
    {
        EndsWhenInterrupted = true;
        _watch.Limit = silenceLimit;
        await SendCommandAsync();
        return new BinlogPackets(this);
    }

    private async ValueTask RunAsync(ServerCommand command, string text, CancellationToken cancellationToken)
    {
        WriteCommand(command, text, cancellationToken);
        await SendCommandAsync();
        var result = new MySqlResult(this, isBinary: false);
        await result.ReadHeaderAsync();
        await result.ReadToEndAsync();
    }
}
