namespace Weasel.Core;

/// <summary>How an enum is stored in JSON and in duplicated fields.</summary>
public enum EnumStorage
{
    AsInteger,
    AsString,
}

/// <summary>How property names are written in JSON.</summary>
public enum Casing
{
    Default,
    CamelCase,
    SnakeCase,
}
