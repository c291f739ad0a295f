// A Request does not know where it came from; the doors do. An address that is not here cannot be forged: headers such
// as x-forwarded-for are believed only where the host says so (`clientAddress`).

const addresses = new WeakMap<Request, string>()

/**
 * Notes where a request came from and returns it, for servers whose door cannot: `Deno.serve((request, info) =>
 * proxy(withClientAddress(request, info.remoteAddr.hostname)))`. Never throws.
 */
export function withClientAddress(request: Request, address: string | undefined): Request {
  if (address) addresses.set(request, address)
  return request
}

/** Where a request came from, as its door saw it. Never throws. */
export function clientAddressOf(request: Request): string | undefined {
  return addresses.get(request)
}
