"use strict";
// A write with a sign-in cookie must repeat the token of the cookie XSRF-TOKEN.
function withToken(request) {
  const found = document.cookie.split("; ").find((each) => each.startsWith("XSRF-TOKEN="));
  if (found) request.headers["X-CSRF-TOKEN"] = decodeURIComponent(found.slice("XSRF-TOKEN=".length));
  return request;
}
SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  // Otherwise it would send the document to a service on the internet.
  validatorUrl: null,
  requestInterceptor: withToken,
});
