import { parseArguments } from './arguments.ts'
import type { Settings } from './arguments.ts'
import { askOnce } from './ask-once.ts'
import { firstChoice } from './choice.ts'
import { exitCodes } from './exit-codes.ts'
import { hasKey } from './has-key.ts'
import { holdConversation } from './hold-conversation.ts'
import { createInterruption } from './interruption.ts'
import { Misuse } from './misuse.ts'
import { createLeaving } from './leaving.ts'
import type { Leaving } from './leaving.ts'
import { openChat } from './open-chat.ts'
import { missingKey } from './print/failure-sentence.ts'
import { pickPrinter } from './print/pick-printer.ts'
import { createScreen } from './print/screen.ts'
import type { Screen } from './print/screen.ts'
import { readQuestion } from './read/read-question.ts'
import { createReader } from './read/create-reader.ts'
import { createSession } from './session.ts'
import { showUsage } from './show-usage.ts'

/** Runs the program and resolves with its exit code; a person's mistake is said in one sentence. */
export async function main(machine: NodeJS.Process): Promise<number> {
  const screen = createScreen(machine)
  const leaving = createLeaving(machine)
  try {
    const settings = parseArguments(machine.argv.slice(2))
    if (settings === 'help') return await showUsage(screen)
    if (!settings.emulator && !hasKey(machine.env)) throw new Misuse(missingKey)
    const code = await run({ settings, machine, screen, leaving })
    // An answer that ended because we were told to leave has no say in how we do.
    return leaving.code ?? code
  } catch (error) {
    if (!(error instanceof Misuse)) throw error
    screen.note(`fal-chat: ${error.message}`)
    return exitCodes.misuse
  }
}

interface Call {
  readonly settings: Settings
  readonly machine: NodeJS.Process
  readonly screen: Screen
  readonly leaving: Leaving
}

async function run({ settings, machine, screen, leaving }: Call): Promise<number> {
  const question = await readQuestion(settings, machine.stdin)
  if (settings.json && question === undefined) {
    throw new Misuse('--json needs a prompt, or one piped in.')
  }
  const open = await openChat(settings, machine.env)
  const reader = question === undefined ? createReader(machine, screen, open.chat) : undefined
  const interruption = createInterruption({
    whenIdle: () => (reader ? reader.close() : machine.exit(exitCodes.interrupted)),
    atOnce: () => machine.exit(exitCodes.interrupted),
  })
  machine.on('SIGINT', interruption.hear)
  leaving.attend(open)
  const printer = pickPrinter(screen, {
    json: settings.json,
    isConversation: question === undefined,
  })
  try {
    const session = createSession({
      open,
      choice: firstChoice(settings, open.chat.getState().messages),
      printer,
      interruption,
      report: (sentence) => screen.note(`fal-chat: ${sentence}`),
    })
    if (settings.image !== undefined) await session.attach(settings.image)
    if (reader) return await holdConversation({ session, settings, open, screen, reader })
    const { goesOn } = open
    return await askOnce(session, { prompt: question ?? '', goesOn }, screen)
  } finally {
    await open.close()
  }
}
