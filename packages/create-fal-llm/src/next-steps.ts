import nodePath from 'node:path'
import type { PlatformPath } from 'node:path'
import type { PackageManager } from './package-manager.ts'

/** What a person types next, line by line. Never throws. */
export function nextSteps(
  app: {
    readonly folder: string
    readonly cwd: string
    readonly packageManager: PackageManager
    readonly isInstalled: boolean
  },
  path: PlatformPath = nodePath,
): readonly string[] {
  const { folder, cwd, packageManager, isInstalled } = app
  const way = path.relative(cwd, folder)
  return [
    way === '' ? '' : `cd ${/\s/.test(way) ? `"${way}"` : way}`,
    isInstalled ? '' : packageManager.install.join(' '),
    `${packageManager.run} dev`,
  ].filter(Boolean)
}
