import { execFile } from 'node:child_process'
import { resolve } from 'node:path'

const cli = resolve(import.meta.dirname, '../src/cli.ts')

/** Runs the program without a terminal, as in CI. Never rejects. */
export function runProgram(
  words: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const node = ['--import', import.meta.resolve('tsx'), cli, ...words]
  // The tests are themselves started by a package manager.
  const whole = { ...process.env, npm_config_user_agent: '', ...env }
  return new Promise((done) => {
    execFile(process.execPath, node, { cwd, env: whole }, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
}
