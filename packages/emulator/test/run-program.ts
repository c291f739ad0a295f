import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a program did. */
export interface ProgramResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Programs run in this package's folder, so that they find what it depends on. */
const packageFolder = fileURLToPath(new URL('..', import.meta.url))

/** Runs a program to its end. */
export function runProgram(
  command: string,
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<ProgramResult> {
  const child = spawn(command, parameters, {
    cwd: packageFolder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...output }))
  })
}

/** Runs a text as a JavaScript module. */
export function runModule(code: string, environment: NodeJS.ProcessEnv): Promise<ProgramResult> {
  return runProgram(process.execPath, ['--input-type=module', '--eval', code], environment)
}
