import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The demo script, running as a program of its own. */
export interface RunningDemo {
  readonly chatUrl: string
  /** undefined when the chat calls fal itself. */
  readonly emulatorUrl: string | undefined
  /** What it printed, line by line. */
  readonly lines: readonly string[]
  /** Sends a signal and resolves with the exit code when the program has ended. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

const root = fileURLToPath(new URL('../../..', import.meta.url))
const node = ['--conditions=@fal-llm/source', '--import', 'tsx', 'scripts/demo.ts']

/** Runs the demo script to its end and resolves with its output. For calls that are refused. */
export async function runDemoToEnd(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawnDemo(argv, environment)
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (piece) => (output.stdout += piece))
  child.stderr?.on('data', (piece) => (output.stderr += piece))
  const [code] = await once(child, 'close')
  return { code, ...output }
}

/**
 * Starts the demo script and resolves when it has printed the chat's address.
 *
 * @throws Error with what the program wrote when it ends before that.
 */
export async function runDemo(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<RunningDemo> {
  const child = spawnDemo(argv, environment)
  const lines: string[] = []
  let complaints = ''
  const [chatUrl, emulatorUrl] = await new Promise<[string, string | undefined]>(
    (resolve, reject) => {
      if (!child.stdout || !child.stderr) return reject(new Error('The demo has no output'))
      const look = () => {
        const chat = /^Chat: (\S+)$/m.exec(lines.join('\n'))?.[1]
        const source = /^Answers come from (?:the emulator at (\S+),|fal)/m.exec(complaints)
        if (chat !== undefined && source) resolve([chat, source[1]])
      }
      createInterface(child.stdout).on('line', (line) => {
        lines.push(line)
        look()
      })
      child.stderr.on('data', (piece) => {
        complaints += piece
        look()
      })
      child.once('close', (code) =>
        reject(new Error(`The demo ended with ${code}:\n${complaints}`)),
      )
    },
  )
  return {
    chatUrl,
    emulatorUrl,
    lines,
    async stop(signal = 'SIGINT') {
      if (child.exitCode !== null) return child.exitCode
      child.kill(signal)
      const [code] = await once(child, 'close')
      return code
    },
  }
}

function spawnDemo(argv: readonly string[], environment: NodeJS.ProcessEnv): ChildProcess {
  // Neither a real key nor a test runner's own settings have anything to do in a demo.
  const {
    FAL_KEY: _key,
    FAL_BASE_URL: _url,
    NODE_ENV: _mode,
    VITEST: _vitest,
    ...rest
  } = process.env
  return spawn(process.execPath, [...node, ...argv], {
    cwd: root,
    env: { ...rest, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
