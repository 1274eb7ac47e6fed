namespace Flotilla.Primitives.Tests;

public sealed class ByteQueueTests
{
    [Fact]
    public void TakesBackWhatWasAppendedInOrderWhateverTheSizes()
    {
        var random = new SeededRandom(7);
        var queue = new ByteQueue();
        var expected = new Queue<byte>();
        for (var step = 0; step < 5_000; step++)
        {
            if (random.OneIn(2))
            {
                var bytes = new byte[random.Next(random.OneIn(20) ? 20_000 : 200)];
                random.Fill(bytes);
                if (random.OneIn(4))
                    queue.AppendShared(bytes);
                else
                    queue.Append(bytes);
                foreach (var value in bytes)
                    expected.Enqueue(value);
            }
            else
            {
                var take = (int)Math.Min(queue.LengthBytes, random.Next(5_000));
                var rest = take;
                while (rest > 0)
                {
                    var part = Math.Min(rest, queue.Head.Length);
                    foreach (var value in queue.Head[..part])
                        Assert.Equal(expected.Dequeue(), value);
                    queue.Consume(part);
                    rest -= part;
                }
            }

            Assert.Equal(expected.Count, queue.LengthBytes);
        }

        Assert.Equal(expected.ToArray(), queue.ToArray());
        queue.Clear();
        Assert.True(queue.IsEmpty);
        Assert.Equal(0, queue.PieceCount);
    }

    [Fact]
    public void ConsumingMoreThanThereIsIsAnInvariantViolation()
    {
        var queue = new ByteQueue();
        queue.Append([1, 2]);
        Assert.Throws<InvariantViolationException>(() => queue.Consume(3));
    }

    [Fact]
    public void MovingTakesEverythingBehindWhatIsThereAndLeavesNothing()
    {
        var source = new ByteQueue();
        var target = new ByteQueue();
        byte[] expected = [];
        for (var round = 0; round < 20; round++)
        {
            target.Append([1, (byte)round]);
            expected = [.. expected, 1, (byte)round];
            for (var i = 0; i < round; i++)
            {
                source.Append([2, (byte)i]);
                source.AppendShared(new byte[] { 3 });
                expected = [.. expected, 2, (byte)i, 3];
            }

            source.MoveTo(target);
            Assert.True(source.IsEmpty);
            Assert.Equal(0, source.PieceCount);
            Assert.Equal(expected, target.ToArray());
            target.Consume(1);
            expected = expected[1..];
        }

        target.Consume(target.LengthBytes);
        Assert.True(target.IsEmpty);
    }
}
