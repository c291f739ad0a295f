import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

const bin = fileURLToPath(new URL('bin.ts', import.meta.url))

/** Runs the bin on a Node that says it is of this version. */
function runOn(version: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const versions = JSON.stringify({ ...process.versions, node: version })
  const pretend = `Object.defineProperty(process, 'versions', { value: ${versions} })`
  const imports = ['tsx', `data:text/javascript,${encodeURIComponent(pretend)}`]
  const flags = ['--conditions=@fal-llm/source', ...imports.map((url) => `--import=${url}`)]
  return new Promise((resolve) => {
    execFile(process.execPath, [...flags, bin, '--help'], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    )
  })
}

describe('fal-emulator', () => {
  it.each(['18.20.4', '20.18.3'])(
    'rule 21: says in one sentence what it needs on Node %s',
    async (version) => {
      const { code, stdout, stderr } = await runOn(version)
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toBe(
        `fal-emulator needs Node 20.19 or newer, and this is ${version}: get one from https://nodejs.org\n`,
      )
    },
  )

  it.each(['20.19.0', '24.1.0'])('starts on Node %s', async (version) => {
    const { code, stdout } = await runOn(version)
    expect(code).toBe(0)
    expect(stdout).toContain('--tokens-per-second')
  })

  it('is the only bin, so that npx runs it by the name of the package', () => {
    expect(Object.keys(manifest.bin)).toEqual(['fal-emulator'])
    expect(manifest.engines.node).toBe('>=20.19')
  })
})
