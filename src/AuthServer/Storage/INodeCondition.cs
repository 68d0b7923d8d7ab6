namespace AuthServer.Storage;

/// <summary>A condition of this node, apart from the database's.</summary>
internal interface INodeCondition
{
    /// <summary>The reason why this node must not work; null if it may.</summary>
    string? NotReadyReason { get; }
}
