namespace JasperFx.Events.Daemon;

/// <summary>Where subscriptions run: nowhere, here, or on one of several processes at a time.</summary>
public enum DaemonMode
{
    Disabled,
    Solo,
    HotCold,
    ExternallyManaged,
}
