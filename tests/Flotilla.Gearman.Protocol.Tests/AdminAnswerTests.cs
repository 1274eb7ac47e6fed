using System.Text;
using System.Text.RegularExpressions;

namespace Flotilla.Gearman.Protocol.Tests;

/// <summary>Against the answers of a real gearmand, in Golden/admin/answers.txt.</summary>
public sealed class AdminAnswerTests
{
    private static readonly Dictionary<string, string> Golden = File
        .ReadAllLines(Path.Combine(GoldenPackets.Folder, "admin", "answers.txt"))
        .Where(line => !line.StartsWith('#'))
        .Select(line => line.Split('\t', 2))
        .ToDictionary(columns => columns[0], columns => Regex.Unescape(columns[1]), StringComparer.Ordinal);

    public static TheoryData<string> Commands => [.. Golden.Keys];

    [Theory, MemberData(nameof(Commands))]
    public void OurAnswerToWhatCannotBeDoneIsGearmandsByteForByte(string command)
    {
        var known = AdminRequest.TryParse(Encoding.ASCII.GetBytes(command), out var request, out _);
        var output = new ByteQueue();
        if (!known)
            output.Append("<closed>"u8);
        else if (request.Command == AdminCommand.Unknown)
            AdminAnswers.WriteUnknownCommand(output, request.FirstWord);
        else if (request.Command == AdminCommand.Incomplete)
            AdminAnswers.WriteIncomplete(output, request.FirstWord);
        else if (request.Command == AdminCommand.ShowUnknown)
            output.Append(AdminAnswers.UnknownShowArguments);
        else if (request.Command == AdminCommand.CancelUnknown)
            output.Append(AdminAnswers.UnknownError);
        else if (request.Command == AdminCommand.CancelJob)
            output.Append(AdminAnswers.UnknownJob);
        else if (request.Command == AdminCommand.DropFunction && command.Contains("nothing", StringComparison.Ordinal))
            output.Append(AdminAnswers.FunctionNotFound);
        else if (request.Command is AdminCommand.CreateFunction or AdminCommand.DropFunction or AdminCommand.MaxQueue)
            output.Append(AdminAnswers.Ok);
        else
            Rewrite(output, request.Command, Golden[command]);
        Assert.Equal(Golden[command], Encoding.Latin1.GetString(output.ToArray()));
    }

    [Fact]
    public void TheGoldenListsAreNotEmpty()
    {
        Assert.Contains("queued\t2\t0\t0\n", Golden["status"], StringComparison.Ordinal);
        Assert.Contains("queued\t0\t1\t1\t0\n", Golden["prioritystatus"], StringComparison.Ordinal);
        Assert.Contains("unique-12\n", Golden["show unique jobs"], StringComparison.Ordinal);
        Assert.Contains("\t0\t1\n", Golden["show jobs"], StringComparison.Ordinal);
    }

    [Fact]
    public void WorkersAreWrittenAsGearmandDoes()
    {
        var output = new ByteQueue();
        AdminAnswers.WriteWorkerStart(output, 38, "127.0.0.1"u8, "-"u8);
        AdminAnswers.WriteRowEnd(output);
        AdminAnswers.WriteWorkerStart(output, 39, "127.0.0.1"u8, "me"u8);
        AdminAnswers.WriteWorkerFunction(output, "f1"u8);
        AdminAnswers.WriteWorkerFunction(output, "f2"u8);
        AdminAnswers.WriteRowEnd(output);
        output.Append(AdminAnswers.EndOfList);
        Assert.Equal("38 127.0.0.1 - :\n39 127.0.0.1 me : f1 f2\n.\n", Encoding.ASCII.GetString(output.ToArray()));
    }

    [Fact]
    public void OurOwnErrorsJoinTheirWordsByPlus()
    {
        var output = new ByteQueue();
        AdminAnswers.WriteError(output, "INVALID_ARGUMENTS"u8, "attempts must be\na number"u8);
        AdminAnswers.WriteError(output, "UNKNOWN_FUNCTION"u8, default);
        Assert.Equal(
            "ERR INVALID_ARGUMENTS attempts+must+be+a+number\r\nERR UNKNOWN_FUNCTION\r\n", Encoding.ASCII.GetString(output.ToArray()));
    }

    [Theory]
    [InlineData("OK", true, "", "")]
    [InlineData("OK 1.1.20+ds", true, "", "1.1.20+ds")]
    [InlineData("ERR UNKNOWN_JOB", false, "UNKNOWN_JOB", "")]
    [InlineData("ERR INVALID_ARGUMENTS a+b+c", false, "INVALID_ARGUMENTS", "a b c")]
    [InlineData("ERR function not found", false, "", "function not found")]
    public void RepliesAreReadBack(string line, bool succeeded, string code, string text)
    {
        Assert.True(AdminReply.TryParse(Encoding.ASCII.GetBytes(line), out var reply, out _));
        Assert.Equal(new AdminReply(succeeded, code, text), reply);
    }

    [Theory]
    [InlineData("1.130")]
    [InlineData(".")]
    [InlineData("OKAY")]
    [InlineData("")]
    public void OtherLinesAreNoReplies(string line)
        => Assert.False(AdminReply.TryParse(Encoding.ASCII.GetBytes(line), out _, out _));

    [Fact]
    public void LinesOfListsAreReadBack()
    {
        Assert.True(StatusRow.TryParse("my\tname\t5\t2\t1"u8, out var status, out _));
        Assert.Equal(new StatusRow("my\tname", 5, 2, 1), status);
        Assert.True(PriorityRow.TryParse("f\t1\t2\t3\t4"u8, out var priority, out _));
        Assert.Equal(new PriorityRow("f", 1, 2, 3, 4), priority);
        Assert.True(JobRow.TryParse("H:a:1\t2\t0\t1"u8, out var job, out _));
        Assert.Equal(new JobRow("H:a:1", 2, Ignored: false, Stored: true), job);
        Assert.Equal(new UniqueRow("key", "H:a:1"), UniqueRow.Parse("key\tH:a:1"u8));
        Assert.Equal(new UniqueRow("", ""), UniqueRow.Parse(""u8));
        Assert.True(WorkerRow.TryParse("38 127.0.0.1 my id : f1 f2"u8, out var worker, out _));
        Assert.Equal((38L, "127.0.0.1", "my id"), (worker!.Number, worker.Address, worker.ClientId));
        Assert.Equal(["f1", "f2"], worker.Functions);
        Assert.True(WorkerRow.TryParse("38 127.0.0.1 - :"u8, out var idle, out _));
        Assert.Empty(idle!.Functions);
        Assert.True(WorkerRow.TryParse("38 127.0.0.1  :"u8, out var nameless, out _));
        Assert.Equal("", nameless!.ClientId);
    }

    [Theory]
    [InlineData("f\t1\t2")]
    [InlineData("f\t1\t2\tx")]
    [InlineData("f\t1\t2\t-3")]
    [InlineData("f\t1\t2\t99999999999999999999")]
    [InlineData("")]
    public void ALineOfAnotherFormIsAnError(string line)
    {
        Assert.False(StatusRow.TryParse(Encoding.ASCII.GetBytes(line), out var row, out var error));
        Assert.Null(row);
        Assert.Equal(ProtocolErrorKind.UnknownForm, error.Kind);
    }

    private static void Rewrite(ByteQueue output, AdminCommand command, string golden)
    {
        foreach (var line in golden.TrimEnd('\n').Split('\n').Select(Encoding.Latin1.GetBytes))
        {
            if (line is [(byte)'.'])
                output.Append(AdminAnswers.EndOfList);
            else if (command is AdminCommand.Version or AdminCommand.Verbose && AdminReply.TryParse(line, out var reply, out _))
                AdminAnswers.WriteOk(output, Encoding.ASCII.GetBytes(reply!.Text));
            else if (command == AdminCommand.Status && StatusRow.TryParse(line, out var status, out _))
                AdminAnswers.WriteStatusRow(output, Encoding.UTF8.GetBytes(status!.Function), status.Total, status.Running, status.Workers);
            else if (command == AdminCommand.PriorityStatus && PriorityRow.TryParse(line, out var row, out _))
                AdminAnswers.WritePriorityRow(output, Encoding.UTF8.GetBytes(row!.Function), row.High, row.Normal, row.Low, row.Workers);
            else if (command == AdminCommand.ShowJobs && JobRow.TryParse(line, out var job, out _))
                AdminAnswers.WriteJobRow(output, Encoding.UTF8.GetBytes(job!.Handle), job.Retries, job.Ignored, job.Stored);
            else if (command == AdminCommand.ShowUniqueJobs)
                AdminAnswers.WriteUniqueRow(output, Encoding.UTF8.GetBytes(UniqueRow.Parse(line).Unique));
            else if (command == AdminCommand.Workers && WorkerRow.TryParse(line, out var worker, out _))
                RewriteWorker(output, worker!);
        }
    }

    private static void RewriteWorker(ByteQueue output, WorkerRow worker)
    {
        AdminAnswers.WriteWorkerStart(output, worker.Number, Encoding.UTF8.GetBytes(worker.Address), Encoding.UTF8.GetBytes(worker.ClientId));
        foreach (var function in worker.Functions)
            AdminAnswers.WriteWorkerFunction(output, Encoding.UTF8.GetBytes(function));
        AdminAnswers.WriteRowEnd(output);
    }
}
