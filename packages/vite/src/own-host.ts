import { isIP } from 'node:net'

/**
 * Whether a name is this server's own. A page can let a name of its own lead here and is then of "the same origin"; an address
 * or localhost it cannot. Vite asks the same, up to version 6 only after the plugins.
 */
export function isOwnHost(hostname: string, allowedHosts: true | readonly string[]): boolean {
  if (allowedHosts === true) return true
  if (/^(.+\.)?localhost$/.test(hostname) || isIP(hostname.replaceAll(/[[\]]/g, '')) > 0)
    return true
  return allowedHosts.some((allowed) =>
    allowed.startsWith('.') ? `.${hostname}`.endsWith(allowed) : hostname === allowed,
  )
}
