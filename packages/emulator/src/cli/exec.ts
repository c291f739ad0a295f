import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { falHostNames } from '../http/address.ts'
import { startEmulator } from '../serve.ts'
import type { ServeOptions } from '../serve.ts'

/** The preload lies beside this file, in the sources and in `dist`. */
const preloadUrl = new URL('preload.mjs', import.meta.url).href

/**
 * Starts an emulator and runs a program whose calls to fal's hosts it answers. The program is not changed, and nothing
 * reaches fal. Resolves with the program's exit code; 127 when it cannot be started.
 */
export async function exec(
  command: string,
  parameters: readonly string[],
  options: ServeOptions,
): Promise<number> {
  const emulator = await startEmulator({ ...options, port: 0 })
  const child = spawn(command, parameters, {
    stdio: 'inherit',
    env: toExecEnvironment(process.env, emulator.url),
  })
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, forward)
  const code = await new Promise<number>((resolve) => {
    child.on('error', (error) => {
      console.error(`fal-emulator exec: cannot run ${command}: ${error.message}`)
      resolve(127)
    })
    child.on('exit', (exitCode, signal) => resolve(exitCode ?? toExitCode(signal)))
  })
  for (const signal of signals) process.off(signal, forward)
  await emulator.close()
  return code
}

/** The environment of the program: the preload, a key if there is none, and the address for clients that read one. */
export function toExecEnvironment(environment: NodeJS.ProcessEnv, url: string): NodeJS.ProcessEnv {
  const hasKey = environment['FAL_KEY'] ?? environment['FAL_KEY_ID']
  return {
    ...environment,
    NODE_OPTIONS: `${environment['NODE_OPTIONS'] ?? ''} --import=${preloadUrl}`.trim(),
    FAL_EMULATOR_URL: url,
    FAL_EMULATOR_HOSTS: falHostNames.join(','),
    FAL_BASE_URL: url,
    ...(hasKey === undefined && { FAL_KEY: 'emulator:exec' }),
  }
}

/** The exit code that a shell gives: 128 and the number of the signal. */
function toExitCode(signal: NodeJS.Signals | null): number {
  return signal === null ? 1 : 128 + constants.signals[signal]
}
