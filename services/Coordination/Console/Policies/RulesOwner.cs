using OtPlatform.Protos.Triage.V1;
using InstrumentsClient = OtPlatform.Protos.Triage.V1.Instruments.InstrumentsClient;
using PoliciesClient = OtPlatform.Protos.Triage.V1.Policies.PoliciesClient;

namespace OtPlatform.Coordination.Console.Policies;

/// <summary>Asks Triage for policies and instruments in the name of the person who is signed in.</summary>
public sealed class RulesOwner(PoliciesClient policies, InstrumentsClient instruments)
{
    /// <param name="version">Which one's document; 0 for the one in force.</param>
    public Task<Answer<Policy>> Policy(HttpContext http, string code, int version = 0) => Owners.Ask(http, options => policies.GetAsync(new GetPolicyRequest { Code = code, Version = version }, options));

    public Task<Answer<Policy>> Draft(HttpContext http, DraftPolicyRequest request) => Owners.Ask(http, options => policies.DraftAsync(request, options));

    /// <param name="document">Empty for the draft.</param>
    public Task<Answer<PolicyFaults>> Validate(HttpContext http, string code, string document) =>
        Owners.Ask(http, options => policies.ValidateAsync(new ValidatePolicyRequest { Code = code, DocumentJson = document }, options));

    /// <summary>Of the draft.</summary>
    public IAsyncEnumerable<Answer<WhatIfProgress>> WhatIf(HttpContext http, string code) => Owners.Follow(http, options => policies.WhatIf(new WhatIfRequest { Code = code }, options));

    public Task<Answer<Policy>> Publish(HttpContext http, PublishPolicyRequest request) => Owners.Ask(http, options => policies.PublishAsync(request, options));

    public Task<Answer<ListInstrumentsResponse>> Instruments(HttpContext http) => Owners.Ask(http, options => instruments.ListAsync(new ListInstrumentsRequest(), options));

    /// <param name="version">Which one's document; 0 for the newest.</param>
    public Task<Answer<Instrument>> Instrument(HttpContext http, string code, int version = 0) =>
        Owners.Ask(http, options => instruments.GetAsync(new GetInstrumentRequest { Code = code, Version = version }, options));

    public Task<Answer<Instrument>> Draft(HttpContext http, DraftInstrumentRequest request) => Owners.Ask(http, options => instruments.DraftAsync(request, options));

    /// <param name="document">Empty for the draft.</param>
    public Task<Answer<PolicyFaults>> ValidateInstrument(HttpContext http, string code, string document) =>
        Owners.Ask(http, options => instruments.ValidateAsync(new ValidateInstrumentRequest { Code = code, DocumentJson = document }, options));

    /// <summary>Of the draft.</summary>
    public IAsyncEnumerable<Answer<WhatIfProgress>> WhatIfInstrument(HttpContext http, string code) =>
        Owners.Follow(http, options => instruments.WhatIf(new WhatIfInstrumentRequest { Code = code }, options));

    public Task<Answer<Instrument>> Publish(HttpContext http, PublishInstrumentRequest request) => Owners.Ask(http, options => instruments.PublishAsync(request, options));
}
