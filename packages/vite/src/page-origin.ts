/**
 * The origin under which a page sees this server; undefined for a page of another origin. A request without an `Origin`
 * is taken for one's own: what a page may send to others without it, the proxy does not answer.
 */
export function toPageOrigin(request: Request): string | undefined {
  const own = new URL(request.url)
  const origin = request.headers.get('origin')
  if (origin === null) return own.origin
  // The scheme is the page's: in front of a dev server there may be something that speaks TLS for it.
  return URL.canParse(origin) && new URL(origin).host === own.host ? origin : undefined
}
