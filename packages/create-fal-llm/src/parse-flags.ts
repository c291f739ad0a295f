import { parseArgs } from 'node:util'
import { frameworkNames, isFrameworkName } from './frameworks.ts'
import type { FrameworkName } from './frameworks.ts'
import { Refusal } from './refusal.ts'

/** What was written behind the program's name. */
export interface Flags {
  /** The app's folder, or '.'. */
  readonly name: string | undefined
  readonly framework: FrameworkName | undefined
  /** Default true. */
  readonly install: boolean
  /** Default false. */
  readonly git: boolean
  readonly help: boolean
  readonly version: boolean
}

const example = 'npm create fal-llm@latest my-app -- --framework react'

/**
 * Reads the words behind the program's name.
 *
 * @throws Refusal for a flag there is none of, an unknown framework, or two names.
 */
export function parseFlags(words: readonly string[]): Flags {
  const { values, positionals } = readWords(words)
  const { framework, install, git, help, version } = values
  const [name, extra] = positionals
  if (extra !== undefined) {
    throw new Refusal(
      `One name is enough, and "${name}" and "${extra}" were given. With npm, flags stand behind "--": ${example}`,
    )
  }
  if (framework !== undefined && !isFrameworkName(framework)) {
    throw new Refusal(
      `There is no framework "${framework}" here, but ${frameworkNames.join(', ')}.`,
    )
  }
  return { name, framework, install, git, help, version }
}

function readWords(words: readonly string[]) {
  try {
    return parseArgs({
      // npm takes the "--" before flags away; pnpm, yarn and bun hand it on.
      args: words.filter((word) => word !== '--'),
      allowPositionals: true,
      allowNegative: true,
      options: {
        framework: { type: 'string', short: 'f' },
        install: { type: 'boolean', default: true },
        git: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
      },
    })
  } catch (error) {
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ')
    throw new Refusal(`${sentence}. It goes like this: ${example}`, { cause: error })
  }
}

/** How to call the program, every flag with a line. */
export const usage: string = `Makes a streaming chat with fal.ai's language models.

  npm create fal-llm@latest [name] -- [flags]

  name               the app's folder; "." is the one you are in
  -f, --framework    ${frameworkNames.join(', ')}
      --no-install   leave the packages to you
      --git          begin a git repository, with a first commit
  -h, --help         this page
  -v, --version      which create-fal-llm this is

What is not given is asked for.`
