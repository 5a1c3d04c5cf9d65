using System.Text.Encodings.Web;
using System.Text.Unicode;
using OtPlatform.Coordination.Console.Consultations;
using OtPlatform.Coordination.Console.Experts;
using OtPlatform.Coordination.Console.Instruments;
using OtPlatform.Coordination.Console.Invitations;
using OtPlatform.Coordination.Console.Live;
using OtPlatform.Coordination.Console.Policies;
using OtPlatform.Coordination.Console.Queues;
using OtPlatform.Coordination.Console.SignIn;
using OtPlatform.Coordination.Console.Statistics;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Hosting;
using OtPlatform.Protos.Intake.V1;
using OtPlatform.Protos.TeamAssembly.V1;
using OtPlatform.Protos.Triage.V1;

namespace OtPlatform.Coordination.Console;

/// <summary>The console: pages rendered on the server for coordinators, leaders, experts and receivers.</summary>
public static class ConsoleFeatures
{
    private const string PagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void AddConsole(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        var owners = builder.Configuration.Required<OwnersOptions>("Owners");
        services.AddServiceClient<TriageCases.TriageCasesClient>(owners.Triage);
        services.AddServiceClient<Protos.Triage.V1.Policies.PoliciesClient>(owners.Triage);
        services.AddServiceClient<Protos.Triage.V1.Instruments.InstrumentsClient>(owners.Triage);
        services.AddServiceClient<Teams.TeamsClient>(owners.TeamAssembly);
        services.AddServiceClient<Narratives.NarrativesClient>(owners.Intake);
        services.AddServiceClient<Protos.Intake.V1.Consultations.ConsultationsClient>(owners.Intake);
        services.AddServiceClient<Protos.ExpertPool.V1.Experts.ExpertsClient>(owners.ExpertPool);
        services.AddTransient<Owners>();
        services.AddTransient<PoolOwner>();
        services.AddTransient<RulesOwner>();
        services.AddSingleton<ConsoleTexts>();
        services.AddConsoleSession(builder.Configuration.Required<ConsoleOptions>("Console"), builder.Environment.IsDevelopment());
        services.AddRazorComponents();
        services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
    }

    public static void UseConsole(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseStaticFiles(new StaticFileOptions
        {
            OnPrepareResponse = file => file.Context.Response.Headers.CacheControl = "no-cache",
        });
        var open = app.MapGroup(string.Empty);
        open.AddEndpointFilter((context, next) =>
        {
            context.HttpContext.Response.Headers.ContentSecurityPolicy = PagePolicy;
            context.HttpContext.Response.Headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
            context.HttpContext.Response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
            return next(context);
        });
        open.MapSignIn();
        var signedIn = open.MapGroup(string.Empty).RequireAuthorization(ConsoleSession.SignedIn);
        signedIn.MapGet("/", (HttpContext http) => PageForm.SeeOther(http, Home(Visit.Of(http).Visitor!)));
        signedIn.MapQueues();
        signedIn.MapConsultations();
        signedIn.MapInvitations();
        signedIn.MapPolicies();
        signedIn.MapInstruments();
        signedIn.MapStatistics();
        signedIn.MapExperts();
        signedIn.MapCoverage();
        signedIn.MapLive();
        open.MapFallback((HttpContext http) => PageForm.NotFound(http));
    }

    private static string Home(Visitor visitor) => visitor switch
    {
        { ReadsQueues: true } => ShowQueues.Path,
        { ReadsPolicies: true } => ShowPolicies.Path,
        _ => ShowInvitations.Path,
    };
}
