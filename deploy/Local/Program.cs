using OtPlatform.Local;

return args switch
{
    ["reap"] => await Guard.Reap(Console.In),
    _ => 2,
};
