import { resolve } from 'node:path'
import type { SamplingParams } from '@fal-llm/core'
import { Command, CommanderError, Option } from 'commander'
import { UsageError } from './usage-error.ts'

/** What one call of the program asks for. */
export interface Settings {
  /** The words of the command line. */
  readonly prompt: string | undefined
  /** As written on the command line; undefined where it is left out. */
  readonly endpoint: string | undefined
  /** As written on the command line; undefined where it is left out. */
  readonly model: string | undefined
  readonly system: string | undefined
  /** Through fal's queue rather than as a stream. */
  readonly throughQueue: boolean
  readonly params: SamplingParams
  /** A path or a URL, sent with the first message. */
  readonly image: string | undefined
  /** Continue the last conversation. */
  readonly continues: boolean
  /** Read messages from stdin even where it is no terminal. */
  readonly interactive: boolean
  readonly json: boolean
  readonly emulator: boolean
  /** Whether the conversation is kept on disk. */
  readonly history: boolean
  /** Absolute; undefined for the default one. */
  readonly dataFolder: string | undefined
}

const examples = `
Examples:
  fal-chat                                 a conversation
  fal-chat "What is a monad?"              one answer
  git diff | fal-chat "Review this"        one answer about what is piped in
  fal-chat --queue --continue "Go on"      through the queue, in the last conversation
  fal-chat --emulator                      try it without a key

Environment:
  FAL_KEY        "key_id:secret" (or FAL_KEY_ID and FAL_KEY_SECRET)
  FAL_BASE_URL   another host than fal's own, such as fal-emulator
  XDG_DATA_HOME  where conversations are kept: fal-chat in there, or in ~/.local/share`

function createProgram(): Command {
  return new Command('fal-chat')
    .description("A chat with fal's language models in the terminal.")
    .argument('[prompt...]', 'the question; without one, a terminal opens a conversation')
    .option('-m, --model <id>', 'the model that answers')
    .option('-e, --endpoint <id>', "one of fal's endpoints (default: openrouter/router)")
    .option('-s, --system <text>', 'the system prompt')
    .option('-t, --temperature <0-2>', 'how freely the model writes', toNumber('--temperature'))
    .option('--max-tokens <n>', 'how long an answer may become', toNumber('--max-tokens'))
    .addOption(new Option('--maxTokens <n>').argParser(toNumber('--max-tokens')).hideHelp())
    .option('-r, --reasoning', 'ask for the reasoning as well')
    .option('--image <path|url>', 'an image for the first message')
    .option('-q, --queue', "through fal's queue; survives a crash")
    .option('-c, --continue', 'continue the last conversation')
    .option('-i, --interactive', 'hold a conversation even without a terminal')
    .option('--json', 'print events, one JSON object per line')
    .option('--emulator', 'use the emulator in this process: no key, no bill')
    .option('--no-history', 'keep nothing on disk')
    .option('--data-dir <folder>', 'where conversations are kept')
    .helpOption('-h, --help', 'show this')
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ writeOut() {}, writeErr() {} })
}

/** What commander makes of the flags above. */
interface Flags extends SamplingParams {
  readonly model?: string
  readonly endpoint?: string
  readonly system?: string
  readonly image?: string
  readonly queue?: boolean
  readonly continue?: boolean
  readonly interactive?: boolean
  readonly json?: boolean
  readonly emulator?: boolean
  readonly history: boolean
  readonly dataDir?: string
}

/** The text of `--help`. */
export function usage(): string {
  return createProgram().helpInformation() + examples
}

/**
 * Reads the command line.
 *
 * @throws UsageError for an unknown flag, a missing value, or a value that is no number.
 */
export function parseArguments(words: readonly string[]): Settings | 'help' {
  const program = createProgram()
  try {
    program.parse(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return 'help'
    throw new UsageError(explain(error))
  }
  const flags = program.opts<Flags>()
  const empty = program.options.find(
    (option) => program.getOptionValue(option.attributeName()) === '',
  )
  if (empty) throw new UsageError(explainMissing(empty.long))
  const { temperature, maxTokens, reasoning } = flags
  return {
    prompt: program.args.length > 0 ? program.args.join(' ') : undefined,
    endpoint: flags.endpoint,
    model: flags.model,
    system: flags.system,
    params: {
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(reasoning && { reasoning }),
    },
    image: flags.image,
    throughQueue: flags.queue ?? false,
    continues: flags.continue ?? false,
    interactive: flags.interactive ?? false,
    json: flags.json ?? false,
    emulator: flags.emulator ?? false,
    history: flags.history,
    dataFolder: flags.dataDir === undefined ? undefined : resolve(flags.dataDir),
  }
}

function explain({ code, message }: CommanderError): string {
  if (code === 'commander.optionMissingArgument') {
    return explainMissing(/--[\w-]+/.exec(message)?.[0])
  }
  const [, unknown] = /unknown option '([^'=]+)/.exec(message) ?? []
  return unknown === undefined
    ? message.replace(/^error: /, '')
    : `There is no option ${unknown}; --help lists those there are.`
}

function explainMissing(flag: string | undefined): string {
  return `${flag} needs a value, as in ${flag} <value>.`
}

function toNumber(flag: string): (value: string) => number {
  return (value) => {
    const number = Number(value)
    if (value.trim() !== '' && Number.isFinite(number)) return number
    throw new UsageError(`${flag} must be a number, not "${value}".`)
  }
}
