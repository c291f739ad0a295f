import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * Where conversations are kept when no folder is named: `fal-chat` in XDG_DATA_HOME, else in ~/.local/share.
 * Never throws.
 *
 * @source XDG Base Directory Specification 0.8: a relative XDG_DATA_HOME does not count
 */
export function defaultDataFolder(
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const configured = environment['XDG_DATA_HOME'] ?? ''
  const data = isAbsolute(configured) ? configured : join(homedir(), '.local', 'share')
  return join(data, 'fal-chat')
}
