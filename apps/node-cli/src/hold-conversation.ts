import type { Settings } from './arguments.ts'
import { showMessage } from './commands/show-history.ts'
import { converse } from './converse.ts'
import { exitCodes } from './exit-codes.ts'
import type { OpenChat } from './open-chat.ts'
import { pickAtTerminal, printList } from './pick.ts'
import type { Screen } from './print/screen.ts'
import type { LineReader } from './read/line-reader.ts'
import type { Session } from './session.ts'

/** What a conversation at the terminal is made of. */
export interface ConversationParts {
  readonly session: Session
  readonly settings: Settings
  readonly open: OpenChat
  readonly screen: Screen
  readonly reader: LineReader
}

/** How many messages of an earlier conversation are shown when it goes on. */
const shownMessages = 2

/** Holds a conversation and resolves with the exit code. */
export async function holdConversation(parts: ConversationParts): Promise<number> {
  const { session, settings, open, screen, reader } = parts
  greet(parts)
  if (open.goesOn) await goOn(parts)
  if (settings.prompt !== undefined) await session.say(settings.prompt)
  const pick = screen.isTerminal ? pickAtTerminal : printList(screen)
  await converse({ session, screen, pick }, reader)
  const isKept = open.history !== undefined && session.chat.getState().messages.length > 0
  if (screen.isTerminal && isKept) {
    screen.say(screen.palette.dim('fal-chat --continue goes on here.'))
  }
  return exitCodes.ok
}

function greet({ session, settings, open, screen }: ConversationParts): void {
  const { note, palette } = screen
  const { model, endpoint } = session.choice
  const where = settings.emulator ? 'the emulator' : endpoint.id
  if (screen.isTerminal) {
    note(`${palette.bold(model)} ${palette.dim(`on ${where}`)}`)
    note(palette.dim('/help lists the commands, Ctrl-C stops an answer, Ctrl-D leaves.'))
  }
  if (settings.continues && !open.goesOn) {
    note(palette.dim('There is no earlier conversation; this is a new one.'))
  }
  const hidden = session.chat.getState().messages.length - shownMessages
  if (hidden > 0) note(palette.dim(`${hidden} earlier messages; /history shows them.`))
}

/** Shows what was said last, and goes on with an answer that was cut off where that can be. */
async function goOn({ session, screen }: ConversationParts): Promise<void> {
  const { messages } = session.chat.getState()
  const last = messages.at(-1)
  const cutOff = last?.status === 'interrupted' ? last : undefined
  const shown = messages.slice(-shownMessages).filter((message) => message !== cutOff)
  for (const message of shown) showMessage(screen, message)
  const resumed = await session.resume('shown')
  if (cutOff && !resumed) showMessage(screen, cutOff)
}
