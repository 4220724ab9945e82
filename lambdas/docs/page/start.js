// Everything that would call another host is off; the answer's Content-Security-Policy would refuse it anyway.
Scalar.createApiReference('#reference', {
  url: 'openapi.json',
  agent: { disabled: true },
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  defaultOpenAllTags: true,
  documentDownloadType: 'direct',
  hideClientButton: true,
  mcp: { disabled: true },
  persistAuth: false,
  showDeveloperTools: 'never',
  telemetry: false,
  withDefaultFonts: false,
});
