using Grpc.Core;
using Grpc.Net.Client;
using OtPlatform.Contracts;
using OtPlatform.Coordination.Tests.Journal;
using OtPlatform.Protos.Coordination.V1;
using OtPlatform.Testing;

namespace OtPlatform.Coordination.Tests.Operations;

/// <summary>Failed messages over gRPC, on a real broker.</summary>
[TestFixture]
internal sealed class OperationsTests
{
    private RunningJournal _journal = null!;
    private GrpcChannel _channel = null!;
    private Protos.Coordination.V1.Operations.OperationsClient _operations = null!;
    private Metadata _operator = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _journal = await RunningJournal.Start("coordination_operations");
        _channel = _journal.Host.OpenChannel();
        _operations = new Protos.Coordination.V1.Operations.OperationsClient(_channel);
        _operator = await _journal.As("operator");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        await _journal.DisposeAsync();
    }

    [Test]
    public async Task R10_a_failed_message_is_seen_and_put_back_and_done_when_its_cause_is_mended()
    {
        var told = Happenings.ToAWorkingTeam(Guid.CreateVersion7()).All[0];

        // The journal's table is not what the service takes it for, until somebody mends it.
        await _journal.Scalar("alter table ot.mt_doc_journalentry rename column data to elsewhere");
        try
        {
            await _journal.Publish(told);
            await Eventually.Holds(async () => Assert.That((await Faults()).Select(fault => fault.MessageId), Does.Contain(told.MessageId.ToString())), TimeSpan.FromSeconds(40));
        }
        finally
        {
            await _journal.Scalar("alter table ot.mt_doc_journalentry rename column elsewhere to data");
        }

        var seen = (await Faults()).Single(fault => fault.MessageId == told.MessageId.ToString());
        Assert.Multiple(() =>
        {
            Assert.That(seen.Queue, Is.EqualTo(Topology.CoordinationConsultation));
            Assert.That(seen.Message, Is.EqualTo(told.Message.GetType().Name));
            Assert.That(seen.Source, Is.EqualTo(told.Source));
            Assert.That(seen.StreamId, Is.EqualTo(told.Stream.ToString()));
            Assert.That(seen.Reason, Is.Not.Empty);
            Assert.That(seen.FailedAt.ToDateTimeOffset(), Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(5)));
        });

        var other = new RedriveRequest { Queue = seen.Queue, MessageIds = { Guid.NewGuid().ToString() } };
        Assert.That((await _operations.RedriveAsync(other, _operator)).Redriven, Is.Zero);
        Assert.That((await _operations.RedriveAsync(new RedriveRequest { Queue = seen.Queue, MessageIds = { seen.MessageId } }, _operator)).Redriven, Is.EqualTo(1));
        await _journal.WrittenDown([told]);
        Assert.That(await Faults(), Is.Empty);
    }

    [Test]
    public async Task Only_those_who_keep_the_platform_running_may_see_or_touch_them()
    {
        var coordinator = await _journal.As("coordinator-sisa");
        Assert.Multiple(() =>
        {
            Assert.That(Assert.ThrowsAsync<RpcException>(async () => await _operations.FaultsAsync(new FaultsRequest(), coordinator))!.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(Assert.ThrowsAsync<RpcException>(async () => await _operations.RedriveAsync(new RedriveRequest { Queue = Topology.CoordinationExpert }, coordinator))!.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
            Assert.That(Assert.ThrowsAsync<RpcException>(async () => await _operations.FaultsAsync(new FaultsRequest()))!.StatusCode, Is.EqualTo(StatusCode.Unauthenticated));
        });
    }

    [TestCase("")]
    [TestCase("somebody-elses-queue")]
    public void A_queue_that_is_not_the_platform_s_is_not_touched(string queue) =>
        Calls.Refused(async () => await _operations.RedriveAsync(new RedriveRequest { Queue = queue }, _operator), StatusCode.InvalidArgument, "platform.invalid-input");

    private async Task<IReadOnlyList<Fault>> Faults() => (await _operations.FaultsAsync(new FaultsRequest(), _operator)).Faults;
}
