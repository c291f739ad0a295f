import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runProgram } from '../../test/run-program.ts'

const cli = fileURLToPath(new URL('cli.ts', import.meta.url))

/** Runs `fal-emulator exec` from the sources; the program it starts sees nothing of that. */
function exec(program: string, flags: readonly string[] = [], environment: object = {}) {
  const { FAL_KEY: _key, FAL_BASE_URL: _url, ...inherited } = process.env
  return runProgram(
    process.execPath,
    [
      '--import',
      'tsx',
      '--conditions=@fal-llm/source',
      cli,
      'exec',
      ...flags,
      '--',
      process.execPath,
      '--input-type=module',
      '--eval',
      program,
    ],
    { ...inherited, ...environment },
  )
}

describe('fal-emulator exec', () => {
  it('answers fetch, node:https and Request objects for fal’s hosts, and leaves others alone', async () => {
    const other = createServer((_request, response) => response.end('somebody else'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    // A listening TCP server has an address with a port.
    const { port } = other.address() as { port: number }
    const { stdout, stderr, code } = await exec(`
      import https, { request } from 'node:https'
      const init = {
        method: 'POST',
        headers: { authorization: 'Key ' + process.env.FAL_KEY, 'content-type': 'application/json' },
        body: '{"prompt":"/echo hi"}',
      }
      const url = 'https://fal.run/fal-ai/any-llm'
      const said = async (response) => (await response.json()).output
      console.log(await said(await fetch(url, init)))
      console.log(await said(await fetch(new URL(url), init)))
      console.log(await said(await fetch(new Request(url, init))))
      const ask = (send) => new Promise((resolve) => send((response) => {
        let text = ''
        response.on('data', (chunk) => { text += chunk })
        response.on('end', () => resolve(JSON.parse(text).output))
      }).end(init.body))
      const { method, headers } = init
      console.log(await ask((then) => request(url, { method, headers, agent: new https.Agent() }, then)))
      console.log(await ask((then) => https.request({ host: 'fal.run', path: '/fal-ai/any-llm', method, headers }, then)))
      console.log(await (await fetch('http://127.0.0.1:${port}/')).text())
    `)
    other.close()
    expect(stderr).toBe('')
    expect(stdout.trim().split('\n')).toEqual(['hi', 'hi', 'hi', 'hi', 'hi', 'somebody else'])
    expect(code).toBe(0)
  }, 30_000)

  it('hands fal’s own URLs to the program, and the emulator’s to a client of its that came by path', async () => {
    const { stdout, stderr } = await exec(`
      const init = {
        method: 'POST',
        headers: { authorization: 'Key ' + process.env.FAL_KEY, 'content-type': 'application/json' },
        body: '{"prompt":"/echo hi"}',
      }
      const status = { headers: init.headers }
      const own = await (await fetch('https://queue.fal.run/fal-ai/any-llm', init)).json()
      console.log(own.status_url.startsWith('https://queue.fal.run/'), (await fetch(own.status_url, status)).ok)
      const url = process.env.FAL_BASE_URL
      const byPath = await (await fetch(url + '/queue.fal.run/fal-ai/any-llm', init)).json()
      console.log(byPath.status_url.startsWith(url), (await fetch(byPath.status_url, status)).ok)
    `)
    expect([stdout, stderr]).toEqual(['true true\ntrue true\n', ''])
  }, 30_000)

  it('keeps the key and the exit code of the program, and passes its flags to the emulator', async () => {
    const { stdout, code } = await exec(
      `
      const started = Date.now()
      await fetch('https://fal.run/fal-ai/any-llm', {
        method: 'POST',
        headers: { authorization: 'Key ' + process.env.FAL_KEY, 'content-type': 'application/json' },
        body: '{"prompt":"/echo hi"}',
      })
      console.log(process.env.FAL_KEY, Date.now() - started >= 300, Boolean(process.env.FAL_BASE_URL))
      process.exitCode = 7
    `,
      ['--first-token-ms', '300', '--tokens-per-second', '0'],
      { FAL_KEY: 'my:key' },
    )
    expect(stdout).toBe('my:key true true\n')
    expect(code).toBe(7)
  }, 30_000)

  it('rule 21: names what is missing, and what could not be run', async () => {
    const run = (...parameters: string[]) =>
      runProgram(
        process.execPath,
        ['--import', 'tsx', '--conditions=@fal-llm/source', cli, 'exec', ...parameters],
        process.env,
      )
    const nothing = await run()
    expect([nothing.code, nothing.stderr]).toEqual([
      1,
      'Say what to run: fal-emulator exec [flags] -- <command>\n',
    ])
    const unknown = await run('--', 'no-such-program')
    expect(unknown.code).toBe(127)
    expect(unknown.stderr).toContain('cannot run no-such-program')
  }, 30_000)
})
