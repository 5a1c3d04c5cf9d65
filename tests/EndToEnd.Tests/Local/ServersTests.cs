using Npgsql;
using OtPlatform.Testing;
using RabbitMQ.Client;

namespace OtPlatform.EndToEnd.Tests.Local;

public sealed class ServersTests
{
    [Test]
    public async Task Every_fresh_database_is_another_and_empty()
    {
        var (first, second) = (await Servers.FreshDatabase("trial"), await Servers.FreshDatabase("trial"));

        Assert.That(first, Is.Not.EqualTo(second));
        foreach (var database in new[] { first, second })
        {
            await using var connection = new NpgsqlConnection(database);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("create table trial (id int); select count(*) from pg_tables where schemaname = 'public'", connection);
            Assert.That(await command.ExecuteScalarAsync(), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task A_fresh_virtual_host_does_not_see_another_ones_queues()
    {
        var (first, second) = (await Servers.FreshVirtualHost("trial"), await Servers.FreshVirtualHost("trial"));

        foreach (var address in new[] { first, second })
        {
            await using var connection = await new ConnectionFactory { Uri = address }.CreateConnectionAsync();
            await using var channel = await connection.CreateChannelAsync();
            var declared = await channel.QueueDeclareAsync("trial", durable: true, exclusive: false, autoDelete: false);
            Assert.That(declared.MessageCount, Is.Zero);
            await channel.BasicPublishAsync("", "trial", new byte[] { 1 });
        }
    }
}
