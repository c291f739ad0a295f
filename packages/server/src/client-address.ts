// A Request does not know which address it came from; only the server that received it does, so each door notes the
// address here. No header is read: a caller can write any `x-forwarded-for` (the option `clientAddress` may trust one).

const addresses = new WeakMap<Request, string>()

/**
 * Notes the address a request came from and returns the request. Call it where no door of this package does:
 * `Deno.serve((request, info) => proxy(withClientAddress(request, info.remoteAddr.hostname)))`.
 */
export function withClientAddress(request: Request, address: string | undefined): Request {
  if (address) addresses.set(request, address)
  return request
}

/** The address that was noted for a request. */
export function clientAddressOf(request: Request): string | undefined {
  return addresses.get(request)
}
