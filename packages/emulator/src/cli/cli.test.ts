import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const cli = fileURLToPath(new URL('cli.ts', import.meta.url))

function start(...flags: string[]) {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=@fal-llm/source', cli, ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const output = { stdout: '', stderr: '' }
  const waiters = new Set<() => void>()
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      for (const check of waiters) check()
    })
  }
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    child,
    output,
    exit,
    line: (pattern: RegExp): Promise<RegExpExecArray> =>
      new Promise((resolve) => {
        const check = (): void => {
          const match = pattern.exec(output.stdout)
          if (match) resolve(match)
        }
        waiters.add(check)
        check()
      }),
  }
}

describe('fal-emulator', () => {
  it('prints where it listens, answers there, and stops at once on SIGTERM', async () => {
    const emulator = start('--port', '0')
    const [, url] = await emulator.line(/^fal-emulator listening on (http:\/\/127\.0\.0\.1:\d+)\n/)
    expect((await fetch(`${url}/health`)).status).toBe(200)
    await emulator.line(/export FAL_BASE_URL=http/)
    emulator.child.kill('SIGTERM')
    expect(await emulator.exit).toBe(0)
    expect(emulator.output.stderr).toBe('')
  }, 20_000)

  it('rule 21: exits with 1 and names --port 0 when the port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    // A listening TCP server has an address with a port.
    const { port } = other.address() as { port: number }
    const emulator = start('--port', String(port))
    expect(await emulator.exit).toBe(1)
    expect(emulator.output.stderr).toContain('--port 0')
    other.close()
  }, 20_000)

  it('rule 21: exits with 1 and lists the flags when there is none of that name', async () => {
    const emulator = start('--prot', '0')
    expect(await emulator.exit).toBe(1)
    expect(emulator.output.stderr).toContain('There is no flag --prot. There are: --port,')
  }, 20_000)

  it('writes the URLs that --urls names, and exits with 1 for a word it does not know', async () => {
    const emulator = start('--port', '0', '--urls', 'fal')
    const [, url] = await emulator.line(/^fal-emulator listening on (http:\S+)\n/)
    const response = await fetch(`${url}/queue.fal.run/fal-ai/any-llm`, {
      method: 'POST',
      headers: { authorization: 'Key a:b', 'content-type': 'application/json' },
      body: '{"prompt":"hi"}',
    })
    expect(await response.json()).toMatchObject({
      status_url: expect.stringMatching(/^https:\/\/queue\.fal\.run\/fal-ai\/any-llm\/requests\//),
    })
    emulator.child.kill('SIGTERM')
    await emulator.exit
    const refused = start('--urls', 'fall')
    expect(await refused.exit).toBe(1)
    expect(refused.output.stderr).toBe('--urls must be one of auto, fal, mapped, not "fall"\n')
  }, 20_000)

  it('rule 21: exits with 1 and names the flag that is no number', async () => {
    const emulator = start('--tokens-per-second', 'fast')
    expect(await emulator.exit).toBe(1)
    expect(emulator.output.stderr).toContain('--tokens-per-second must be a number')
  }, 20_000)
})
