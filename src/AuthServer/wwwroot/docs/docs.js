// Scalar's script has run before this one. The page may be below a path of a proxy.
const server = new URL('.', document.baseURI).href.replace(/\/$/, '');

window.Scalar.createApiReference('#reference', {
  url: `${server}/openapi/v1.json`,
  servers: [{ url: server }],
  authentication: { preferredSecurityScheme: 'bearer' },

  // Nothing is loaded from other servers, and nothing is sent to them.
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
});
