using System.Reflection;
using System.Reflection.Emit;
using System.Text;
using System.Text.RegularExpressions;
using OtPlatform.Platform.Grpc;
using OtPlatform.Platform.Http;
using OtPlatform.Platform.Streams;

namespace OtPlatform.Testing;

/// <summary>Finds what an assembly says to callers: every literal that becomes a <see cref="Message"/> or stands in a <see cref="Rejection"/>.</summary>
public static partial class MessagesIn
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Fails when a service says something that has no Finnish and Swedish, or has texts that nobody says, or that do not fit.</summary>
    /// <param name="service">It is read, and its <c>messages.json</c>; the platform's texts count too.</param>
    /// <param name="least">How many messages the code has at least.</param>
    public static void AreAllTranslated(Assembly service, int least)
    {
        var (said, own, all) = (Code(service).ToHashSet(), MessageTexts.Of(service).All, MessageTexts.Of(typeof(Message).Assembly, service).All);
        Assert.Multiple(() =>
        {
            Assert.That(said, Has.Count.AtLeast(least), "The code was not read.");
            Assert.That(said.Except(all.Keys), Is.Empty, "Add them to the service's messages.json (docs/problems.md).");
            Assert.That(own.Keys.Except(said), Is.Empty, "Nobody says this any more: take it out of messages.json.");
            foreach (var (english, (finnish, swedish)) in own)
            {
                Assert.That((string[])[finnish, swedish], Has.None.EqualTo(english).And.None.Matches<string>(string.IsNullOrWhiteSpace), english);
                Assert.That((Gaps(finnish), Gaps(swedish)), Is.EqualTo((Gaps(english), Gaps(english))), english);
            }
        });
    }

    /// <summary>The places of a text where something is filled in.</summary>
    public static string Gaps(string text) => string.Join(' ', Gap().Matches(text).Select(gap => gap.Value).Distinct().Order());

    /// <summary>The English texts.</summary>
    public static IEnumerable<string> Code(Assembly assembly) =>
        assembly.GetTypes().Where(type => type != typeof(Message))
            .SelectMany(type => type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
            .SelectMany(In);

    private static List<string> In(MethodBase method)
    {
        var found = new List<string>();
        StringBuilder? template = null;
        var gaps = 0;
        string? literal = null;
        string? last = null;
        foreach (var (code, called, text) in Steps(method))
        {
            if (called?.DeclaringType == typeof(Message))
            {
                switch (called)
                {
                    case ConstructorInfo:
                        Flush();
                        template = new StringBuilder();
                        gaps = 0;
                        break;
                    case { Name: nameof(Message.AppendLiteral) }:
                        template!.Append(literal);
                        break;
                    case { Name: nameof(Message.AppendFormatted) }:
                        template!.Append('{').Append(gaps++).Append('}');
                        break;
                    case { Name: "op_Implicit" }:
                        found.Add(literal ?? throw new AssertionException($"{method.DeclaringType}.{method.Name} makes a message of something else than a literal."));
                        break;
                    case { Name: nameof(Message.Of) } when method.DeclaringType?.Name is not (nameof(Problems) or nameof(GrpcProblems)):
                        throw new AssertionException($"{method.DeclaringType}.{method.Name}: only a rejection's words stand elsewhere.");
                }
            }
            else if (called is ConstructorInfo && called.DeclaringType == typeof(Rejection) && method.DeclaringType != typeof(Rejection))
            {
                found.Add(last!);
            }

            literal = text;
            last = text ?? last;
        }

        Flush();
        return found;

        void Flush()
        {
            if (template is not null)
            {
                found.Add(template.ToString());
            }

            template = null;
        }
    }

    private static IEnumerable<(OpCode Code, MethodBase? Called, string? Text)> Steps(MethodBase method)
    {
        var il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var (ofType, ofMethod) = (method.DeclaringType?.IsGenericType == true ? method.DeclaringType.GetGenericArguments() : null, method is MethodInfo { IsGenericMethod: true } ? method.GetGenericArguments() : null);
        for (var at = 0; at < il.Length;)
        {
            var code = il[at] == 0xFE ? Codes[unchecked((short)(0xFE00 | il[at + 1]))] : Codes[il[at]];
            at += code.Size;
            var operand = code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(il, at)),
                _ => 4,
            };
            yield return code.OperandType switch
            {
                OperandType.InlineMethod => (code, method.Module.ResolveMethod(BitConverter.ToInt32(il, at), ofType, ofMethod), null),
                OperandType.InlineString => (code, null, method.Module.ResolveString(BitConverter.ToInt32(il, at))),
                _ => (code, null, null),
            };
            at += operand;
        }
    }

    [GeneratedRegex(@"\{\d+\}")]
    private static partial Regex Gap();
}
