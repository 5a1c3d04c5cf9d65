using System.CommandLine;
using System.CommandLine.Help;
using OtPlatform.Client;

var intake = new Option<string?>("--intake") { Description = "Address of the partner API. Without it OT_INTAKE, else the system that runs from this checkout.", Recursive = true };
var client = new Option<string>("--client")
{
    Description = "Development client to speak as, when OT_TOKEN holds no token.",
    DefaultValueFactory = _ => "partner-pirkanmaa",
    Recursive = true,
};
PartnerApi Api(ParseResult parsed) => PartnerApi.Open(parsed.GetValue(intake), parsed.GetValue(client)!);

var file = new Argument<FileInfo>("file") { Description = "The submission as JSON; contracts/openapi/partner-v1.json says what it holds." };
var key = new Option<string?>("--key") { Description = "Idempotency key: the same key and file again get the same answer. Without it a new one, which is printed." };
var submit = new Command("submit", "Ask for help.") { file, key };
submit.SetAction((parsed, cancellation) => Commands.Submit(Api(parsed), parsed.GetValue(file)!, parsed.GetValue(key), cancellation));

var id = new Argument<Guid>("id") { Description = "Id of the consultation, as submit and list print it." };
var show = new Command("show", "Where one request stands: who acts next, by when, and what has happened.") { id };
show.SetAction((parsed, cancellation) => Commands.Show(Api(parsed), parsed.GetValue(id), cancellation));

var watch = new Command("watch", "Print each step of one request as it happens, until it is over or Ctrl-C.") { id };
watch.SetAction((parsed, cancellation) => Commands.Watch(Api(parsed), parsed.GetValue(id), cancellation));

var status = new Option<string?>("--status") { Description = "Only requests in this status." };
var reference = new Option<string?>("--client-ref") { Description = "Only requests about this client, by your own case key." };
var list = new Command("list", "Your requests, newest first.") { status, reference };
list.SetAction((parsed, cancellation) => Commands.List(Api(parsed), parsed.GetValue(status), parsed.GetValue(reference), cancellation));

var step = new Argument<string>("step") { Description = "+3d, +2h, -1h, +1d12h; reset; show." };
var clock = new Command("clock", "Move the platform's clock, in Development.") { step };
clock.SetAction(parsed => Commands.Clock(parsed.GetValue(step)!));

// Called by the name that its users type, whatever its file is called.
var root = new Command("ot", "A small client of OT Platform's partner API.") { submit, show, watch, list, clock };
root.Options.Add(new HelpOption());
root.Options.Add(new VersionOption());
root.Options.Add(intake);
root.Options.Add(client);
return await Commands.Guarded(() => root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }));
