const LOOPBACK = /^(?:127\.0\.0\.1|localhost|[a-z0-9.-]+\.localhost|\[::1\])(?::\d+)?$/i;

/**
 * Whether a request was sent to this machine by name. A page in a browser, whose owner lets its own name mean 127.0.0.1 for a
 * moment, would reach the emulated services as if they were its own: it still sends the name it knows (DNS rebinding).
 * @param host the header `host`
 */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK.test(host);
}
