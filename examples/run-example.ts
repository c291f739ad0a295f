import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a program left behind. */
export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const folder = fileURLToPath(new URL('.', import.meta.url))

/** Runs an example as a person does, and resolves when it has ended. */
export function runExample(
  file: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Finished> {
  const flags = ['--conditions=@fal-llm/source', '--import', 'tsx']
  const options = { cwd: folder, env: { PATH: process.env['PATH'], ...environment } }
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...flags, file, ...argv],
      options,
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}
