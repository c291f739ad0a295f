import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { spinner } from '@clack/prompts'
import { askFramework, askName, checkTarget } from './ask.ts'
import { beginRepository } from './begin-repository.ts'
import { frameworkNames, frameworks } from './frameworks.ts'
import { readLayer } from './layers.ts'
import { nextSteps } from './next-steps.ts'
import { choosePackageManager } from './package-manager.ts'
import { parseFlags, usage } from './parse-flags.ts'
import type { Flags } from './parse-flags.ts'
import { planFiles } from './plan-files.ts'
import { Refusal } from './refusal.ts'
import { runCommand } from './run-command.ts'
import { writeFiles } from './write-files.ts'

/** Runs the program and resolves with its exit code. What a person can mend is said in one sentence. */
export async function main(machine: NodeJS.Process): Promise<number> {
  try {
    const flags = parseFlags(machine.argv.slice(2))
    if (flags.help) console.log(usage)
    else if (flags.version) console.log(readVersion())
    else return await createApp(flags, machine)
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    console.error(`create-fal-llm: ${error.message}`)
    return 1
  }
}

async function createApp(flags: Flags, machine: NodeJS.Process): Promise<number> {
  const cwd = machine.cwd()
  const hasTerminal = Boolean(machine.stdin.isTTY && machine.stdout.isTTY)
  if (!hasTerminal && (flags.name === undefined || flags.framework === undefined)) {
    throw new Refusal(
      `There is no terminal to ask in: give a name and a framework (${frameworkNames.join(', ')}), ` +
        'as in npm create fal-llm@latest my-app -- --framework react',
    )
  }
  const target = flags.name === undefined ? await askName(cwd) : checkTarget(flags.name, cwd)
  const { folder, name } = target
  const framework = flags.framework ?? (await askFramework())
  const packageManager = choosePackageManager(machine.env['npm_config_user_agent'])

  const choice = { name, framework, packageManager, version: readVersion() }
  writeFiles(folder, planFiles(choice, readLayer))
  console.log(`\n${name}, a chat in ${frameworks[framework].title}, is in ${folder}`)

  const failure = flags.install ? await install(packageManager.install, folder, hasTerminal) : ''
  if (flags.git) console.log(await beginRepository(folder))
  const isInstalled = flags.install && failure === ''
  const steps = nextSteps({ folder, cwd, packageManager, isInstalled })
  if (failure) console.error(failure)
  console.log(`\nNext:\n\n${steps.map((step) => `  ${step}`).join('\n')}\n`)
  console.log('It needs no key to begin with; README.md says what changes with one.')
  return failure ? 1 : 0
}

/** Resolves with what went wrong, in words; '' when nothing did. */
async function install(
  command: readonly [string, ...string[]],
  folder: string,
  hasTerminal: boolean,
): Promise<string> {
  const words = command.join(' ')
  const spinning = hasTerminal ? spinner() : undefined
  if (spinning) spinning.start(words)
  else console.log(words)
  const { ok, printed } = await runCommand(command, folder)
  spinning?.stop(ok ? `${words}: done` : `${words} failed`)
  return ok ? '' : `${printed.trimEnd()}\n${words} failed; the app itself is complete.`
}

function readVersion(): string {
  // Beside "src", and beside "dist" in the package.
  const manifest = readFileSync(resolve(import.meta.dirname, '../package.json'), 'utf8')
  // This package's own manifest.
  return (JSON.parse(manifest) as { version: string }).version
}
