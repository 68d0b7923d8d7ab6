namespace AuthServer.Hardening.Tests.Enumeration;

/// <summary>A measure of how well the time of an answer gives its kind away.</summary>
internal static class Separability
{
    /// <summary>
    /// Probability that a value of the first kind is above one of the second: 0.5 if nothing sets them apart. It is the area
    /// under the ROC curve, computed by ranks (Mann and Whitney, 1947).
    /// </summary>
    public static double Of(IReadOnlyCollection<double> first, IReadOnlyCollection<double> second)
    {
        var ordered = first.Select(value => (Value: value, IsFirst: true))
            .Concat(second.Select(value => (Value: value, IsFirst: false)))
            .GroupBy(item => item.Value)
            .OrderBy(ties => ties.Key);
        var (rank, sum) = (0.0, 0.0);
        foreach (var ties in ordered)
        {
            var count = ties.Count();
            sum += ties.Count(item => item.IsFirst) * (rank + ((count + 1) / 2.0));
            rank += count;
        }

        return (sum - (first.Count * (first.Count + 1) / 2.0)) / ((double)first.Count * second.Count);
    }
}
