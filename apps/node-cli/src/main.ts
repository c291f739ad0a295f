import { constants } from 'node:os'
import { text } from 'node:stream/consumers'
import { createAnswerPrinter } from './answer-printer.ts'
import { parseArguments, usage } from './arguments.ts'
import type { Settings } from './arguments.ts'
import { firstChoice } from './choice.ts'
import { completeLine } from './commands.ts'
import { createConversation } from './conversation.ts'
import type { Conversation } from './conversation.ts'
import { converse } from './converse.ts'
import { toFailureSentence } from './describe-answer.ts'
import { createInterruption } from './interruption.ts'
import { openChat } from './open-chat.ts'
import type { OpenChat } from './open-chat.ts'
import { createStreamReader, createTerminalReader } from './read-lines.ts'
import type { LineReader } from './read-lines.ts'
import { createScreen } from './screen.ts'
import type { Screen } from './screen.ts'
import { UsageError } from './usage-error.ts'

/** @source POSIX shells: 128 and the signal's number for what a signal ended */
const exitCodes = { ok: 0, failed: 1, misuse: 2, interrupted: 130 } as const

const missingKey =
  'There is no fal key: set FAL_KEY to "key_id:secret" from https://fal.ai/dashboard/keys, or try --emulator, which needs none.'

/** Runs the program and resolves with its exit code. A wrong call is explained in one sentence. */
export async function main(machine: NodeJS.Process): Promise<number> {
  const screen = createScreen(machine)
  const leaving = listenForLeaving(machine)
  try {
    const settings = parseArguments(machine.argv.slice(2))
    if (settings === 'help') {
      screen.print(usage())
      return exitCodes.ok
    }
    if (!settings.emulator && !hasKey(machine.env)) throw new UsageError(missingKey)
    const code = await run({ settings, machine, screen, leaving })
    // The answer ended because of a signal: the signal decides the exit code.
    return leaving.code ?? code
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    screen.note(`fal-chat: ${error.message}`)
    return exitCodes.misuse
  }
}

function hasKey(environment: NodeJS.ProcessEnv): boolean {
  const isSet = (name: string): boolean => Boolean(environment[name]?.trim())
  return (
    isSet('FAL_KEY') || (isSet('FAL_KEY_ID') && isSet('FAL_KEY_SECRET')) || isSet('FAL_BASE_URL')
  )
}

interface Leaving {
  /** The chat to close first. */
  open: OpenChat | undefined
  /** The exit code, once something made the program leave. */
  code: number | undefined
}

/** Closes the chat and exits when a signal ends the program, or nobody reads its output any more. */
function listenForLeaving(machine: NodeJS.Process): Leaving {
  const leaving: Leaving = { open: undefined, code: undefined }
  const leave = (code: number, closed: Promise<void> | undefined): void => {
    leaving.code ??= code
    void Promise.resolve(closed).finally(() => machine.exit(leaving.code))
  }
  // `fal-chat … | head -1`: what nobody reads need not be answered.
  machine.stdout.on('error', () => {
    const { open } = leaving
    leave(exitCodes.ok, open?.chat.stop().then(open.close))
  })
  machine.stderr.on('error', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    machine.once(signal, () => leave(128 + constants.signals[signal], leaving.open?.close()))
  }
  return leaving
}

interface Call {
  readonly settings: Settings
  readonly machine: NodeJS.Process
  readonly screen: Screen
  readonly leaving: Leaving
}

async function run({ settings, machine, screen, leaving }: Call): Promise<number> {
  const { json, emulator } = settings
  const question = await readQuestion(settings, machine.stdin)
  if (json && question === undefined) {
    throw new UsageError('--json needs a prompt, or one piped in.')
  }
  const open = await openChat(settings, machine.env)
  leaving.open = open
  const reader = question === undefined ? createReader(machine, screen, open) : undefined
  const exit = (): never => machine.exit(exitCodes.interrupted)
  const interruption = createInterruption({
    whenIdle: () => (reader ? reader.close() : exit()),
    atOnce: exit,
  })
  machine.on('SIGINT', interruption.interrupt)
  try {
    const conversation = createConversation({
      open,
      choice: firstChoice(settings, open.chat.getState().messages),
      printer: createAnswerPrinter(screen, { json, isConversation: question === undefined }),
      interruption,
      report: (sentence) => screen.note(`fal-chat: ${sentence}`),
    })
    if (settings.image !== undefined) await conversation.attach(settings.image)
    if (!reader) return await askOnce(conversation, question ?? '', open.isContinued, screen)
    await converse({
      conversation,
      screen,
      reader,
      prompt: settings.prompt,
      where: emulator ? 'the emulator' : conversation.choice.endpoint.id,
      continues: open.isContinued ? 'yes' : settings.continues ? 'nothing to continue' : 'no',
      isKept: open.isKept,
    })
    return exitCodes.ok
  } finally {
    await open.close()
  }
}

/** Reads the words of the command line, then what is piped in; undefined where a conversation is wanted. */
async function readQuestion(
  { prompt, interactive }: Settings,
  stdin: NodeJS.ReadStream,
): Promise<string | undefined> {
  if (interactive) return undefined
  if (stdin.isTTY) return prompt
  const piped = await text(stdin)
  return [prompt ?? '', piped.trimEnd()].filter((part) => part.trim() !== '').join('\n\n')
}

function createReader(
  { stdin, stdout, stderr }: NodeJS.Process,
  { palette, isTerminal }: Screen,
  { chat }: OpenChat,
): LineReader {
  if (!stdin.isTTY) return createStreamReader(stdin)
  const questions = chat.getState().messages.filter(({ role }) => role === 'user')
  return createTerminalReader({
    input: stdin,
    output: isTerminal ? stdout : stderr,
    prompt: palette.accent('› '),
    morePrompt: palette.dim('… '),
    earlier: questions.map((message) => message.text).reverse(),
    complete: completeLine,
  })
}

/** Asks one question, or continues what a crash cut off, and resolves with the exit code. */
async function askOnce(
  conversation: Conversation,
  prompt: string,
  isContinued: boolean,
  screen: Screen,
): Promise<number> {
  const asks = prompt.trim() !== '' || conversation.images.length > 0
  const cutOff = isContinued ? await conversation.resume(asks ? 'silently' : 'printed') : undefined
  const message = asks ? await conversation.send(prompt) : cutOff
  if (!message) throw new UsageError('There is nothing to ask: give a prompt, or pipe one in.')
  if (message.status === 'stopped') return exitCodes.interrupted
  if (message.error) screen.note(`fal-chat: ${toFailureSentence(message.error)}`)
  return message.status === 'done' ? exitCodes.ok : exitCodes.failed
}
