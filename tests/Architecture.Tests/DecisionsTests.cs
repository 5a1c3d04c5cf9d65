using System.Xml.Linq;
using OtPlatform.Local;
using Repository = OtPlatform.Testing.Repository;

namespace OtPlatform.Architecture.Tests;

/// <summary>Rules of docs/adr that can be read from the projects themselves.</summary>
[TestFixture]
internal sealed class DecisionsTests
{
    private static readonly string Services = Path.Combine(Repository.Root, "services");

    private static IEnumerable<string> ServiceNames => ServiceCatalogue.All.Select(service => service.Project);

    [Test]
    public void MassTransit_stays_at_version_8()
    {
        var versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Where(package => package.Attribute("Include")!.Value.StartsWith("MassTransit", StringComparison.Ordinal))
            .Select(package => package.Attribute("Version")!.Value)
            .ToList();
        Assert.Multiple(() =>
        {
            Assert.That(versions, Is.Not.Empty);
            Assert.That(versions, Has.All.StartsWith("8."));
        });
    }

    [Test]
    public void Nothing_in_the_services_asks_which_package_is_in_use()
    {
        var asking = Directory.EnumerateFiles(Services, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".csproj" && !IsBuilt(file))
            .Where(file => File.ReadLines(file).Any(line => line.Contains("UseSubstitutes", StringComparison.Ordinal) || line.TrimStart().StartsWith("#if", StringComparison.Ordinal)))
            .Select(file => Path.GetRelativePath(Services, file));
        Assert.That(asking, Is.Empty);
    }

    [Test]
    public void Every_stand_in_can_be_switched_to_its_package_and_says_what_it_leaves_out()
    {
        foreach (var folder in Directory.GetDirectories(Path.Combine(Services, "Substitutes")))
        {
            var package = Path.GetFileName(folder);
            var use = XDocument.Load(Path.Combine(folder, "Use.props"));
            Assert.Multiple(() =>
            {
                Assert.That(
                    use.Descendants("PackageReference").Where(reference => reference.Parent!.Attribute("Condition")?.Value == "'$(UseSubstitutes)' != 'true'").Select(reference => reference.Attribute("Include")!.Value),
                    Has.Member(package));
                Assert.That(
                    use.Descendants("ProjectReference").Select(reference => reference.Parent!.Attribute("Condition")!.Value),
                    Is.EqualTo(new[] { "'$(UseSubstitutes)' == 'true'" }));
                Assert.That(File.ReadAllText(Path.Combine(folder, "README.md")), Does.Contain("## What is not").And.Contain("## Where its behaviour was read"));
            });
        }
    }

    [TestCaseSource(nameof(ServiceNames))]
    public void No_service_references_another(string service) =>
        Assert.That(References(service).Intersect(ServiceNames), Is.Empty);

    [Test]
    public void Platform_and_contracts_reference_no_service()
    {
        var contracts = Path.Combine(Repository.Root, "contracts", "OtPlatform.Contracts", "OtPlatform.Contracts.csproj");
        Assert.Multiple(() =>
        {
            Assert.That(References("Platform"), Is.EqualTo(new[] { "OtPlatform.Contracts" }));
            Assert.That(XDocument.Load(contracts).Descendants("ProjectReference"), Is.Empty);
        });
    }

    [Test]
    public void Every_service_has_a_database_of_its_own()
    {
        var databases = ServiceCatalogue.All.SelectMany(service => service.FurtherDatabases.Values.Append(service.Database)).ToList();
        Assert.That(databases, Is.Unique);
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(Path.Combine(Services, project, $"{project}.csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

    private static bool IsBuilt(string file) => file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj");
}
