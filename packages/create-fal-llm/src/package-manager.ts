/** A program that installs packages, and how its commands are written. */
export interface PackageManager {
  readonly name: 'npm' | 'pnpm' | 'yarn' | 'bun'
  /** "npm install". */
  readonly install: readonly [command: string, ...words: string[]]
  /** What stands before a script's name, "npm run". */
  readonly run: string
}

const managers: Readonly<Record<PackageManager['name'], PackageManager>> = {
  npm: { name: 'npm', install: ['npm', 'install'], run: 'npm run' },
  pnpm: { name: 'pnpm', install: ['pnpm', 'install'], run: 'pnpm' },
  yarn: { name: 'yarn', install: ['yarn', 'install'], run: 'yarn' },
  bun: { name: 'bun', install: ['bun', 'install'], run: 'bun run' },
}

/**
 * Chooses the package manager that started this program; npm, where none did.
 *
 * @param userAgent `npm_config_user_agent`, "pnpm/12.1.0 npm/? node/v20.20.2 linux x64".
 */
export function choosePackageManager(userAgent: string | undefined): PackageManager {
  const [name = ''] = userAgent?.split('/') ?? []
  // Only names of the table are looked up.
  return Object.hasOwn(managers, name) ? managers[name as PackageManager['name']] : managers.npm
}
