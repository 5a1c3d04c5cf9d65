namespace JasperFx;

/// <summary>How far the store may go in changing the database by itself.</summary>
public enum AutoCreate
{
    All,
    CreateOrUpdate,
    CreateOnly,
    None,
}
