import type { Endpoint, EndpointId } from '../endpoints/index.ts'

/**
 * The endpoint of a stored name: the chat's own where it bears that name, for endpoints of one's own are not stored,
 * else the name itself; one that is not known is refused when it is asked. Never throws.
 */
export function namedEndpoint(
  name: string,
  own: EndpointId | Endpoint | undefined,
): EndpointId | Endpoint {
  return typeof own === 'object' && own.id === name ? own : (name as EndpointId)
}
