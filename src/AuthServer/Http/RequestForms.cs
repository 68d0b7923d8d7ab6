namespace AuthServer.Http;

/// <summary>Forms of a request that mean the same as those that the routes know.</summary>
internal static class RequestForms
{
    private static readonly object Head = new();

    /// <summary>
    /// Routes a request whose form another one stands for. HEAD is routed as GET (RFC 9110 §9.3.2); the server sends no body all
    /// the same. An empty body has no type: many clients name their usual one with it. <c>/docs</c> is the page itself, which
    /// would redirect to <c>/docs/</c> because of its files.
    /// </summary>
    public static void UseRoutingOfAnyForm(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            var request = context.Request;
            if (HttpMethods.IsHead(request.Method))
            {
                context.Items[Head] = null;
                request.Method = HttpMethods.Get;
            }

            if (request.Path == "/docs")
            {
                request.Path = "/docs/";
            }

            if (request.ContentLength == 0)
            {
                request.ContentType = null;
            }

            return next(context);
        });
        app.UseRouting();
        app.Use((context, next) =>
        {
            if (context.Items.ContainsKey(Head))
            {
                context.Request.Method = HttpMethods.Head;
            }

            return next(context);
        });
    }
}
