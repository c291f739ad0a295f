import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const folder = fileURLToPath(new URL('..', import.meta.url))

/** Builds the program as `pnpm build` does, in a folder of its own, and resolves with its file. */
export async function buildCli(): Promise<string> {
  const outDir = join(folder, 'test-artefacts', `cli-${process.pid}`)
  const tsup = join(folder, 'node_modules', '.bin', 'tsup')
  await promisify(execFile)(tsup, ['--silent', '--out-dir', outDir], { cwd: folder })
  return join(outDir, 'cli.js')
}
