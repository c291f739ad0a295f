import { createFalChat, createFalLlm } from '@fal-llm/core'
import { firstChoice } from '../src/choice.ts'
import { parseArguments } from '../src/arguments.ts'
import type { Desk } from '../src/commands/command.ts'
import { createInterruption } from '../src/interruption.ts'
import { pickPrinter } from '../src/print/pick-printer.ts'
import { createSession } from '../src/session.ts'
import { createStringScreen } from './string-screen.ts'
import type { StringScreen } from './string-screen.ts'

/** Someone at a desk whose screen can be read. */
export interface TestDesk extends Desk {
  readonly screen: StringScreen
}

/** Opens a conversation with an emulator. `picked` is what is chosen from any list. */
export function openDesk(baseUrl: string, picked?: string): TestDesk {
  const settings = parseArguments([])
  if (settings === 'help') throw new Error('no call')
  const llm = createFalLlm({ baseUrl, credentials: 'id:secret' })
  const chat = createFalChat({ llm })
  const screen = createStringScreen()
  const session = createSession({
    open: { chat, llm, history: undefined, goesOn: false, close: async () => chat.destroy() },
    choice: firstChoice(settings, []),
    printer: pickPrinter(screen, { json: false, isConversation: true }),
    interruption: createInterruption({ whenIdle() {}, atOnce() {} }),
    report: screen.note,
  })
  return { session, screen, pick: async () => picked }
}
