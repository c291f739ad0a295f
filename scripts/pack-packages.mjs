import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const packages = resolve(import.meta.dirname, '../packages')

/** Runs a command and shows only what it complains of. */
export function call(command, words, cwd) {
  return execFileSync(command, words, { cwd, stdio: ['ignore', 'pipe', 'inherit'] }).toString()
}

/**
 * Builds and packs every package that is published. Returns their tarballs by name.
 *
 * @param folder Where they go. With `FAL_LLM_TARBALLS` they go there, once for every script that is run with it.
 */
export function packPackages(folder) {
  const shared = process.env['FAL_LLM_TARBALLS']
  if (!shared) return packInto(folder)
  const list = join(shared, 'list.json')
  if (!existsSync(list)) writeFileSync(list, JSON.stringify(packInto(shared)))
  return JSON.parse(readFileSync(list, 'utf8'))
}

function packInto(folder) {
  const tarballs = {}
  for (const directory of readdirSync(packages)) {
    const cwd = join(packages, directory)
    const manifest = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'))
    if (manifest.private) continue
    if (existsSync(join(cwd, 'tsup.config.ts'))) call('npx', ['tsup', '--silent'], cwd)
    call('npx', ['-y', 'pnpm@12', 'pack', '--pack-destination', folder], cwd)
    const file = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
    tarballs[manifest.name] = join(folder, file)
  }
  return tarballs
}
