namespace AuthServer.Storage;

/// <summary>A condition of this node, apart from the database's.</summary>
internal interface INodeCondition
{
    /// <summary>The reason why this node must not work; null if it may.</summary>
    string? NotReadyReason { get; }

    /// <summary>True if the reason holds even while the database is away, so that balancers have to know it.</summary>
    bool IsOfNodeAlone => false;
}
