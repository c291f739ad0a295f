import { createFalChat, createFalLlm } from '@fal-llm/core'
import { createAnswerPrinter } from '../src/answer-printer.ts'
import { parseArguments } from '../src/arguments.ts'
import { firstChoice } from '../src/choice.ts'
import type { CommandContext } from '../src/commands.ts'
import { createConversation } from '../src/conversation.ts'
import { createInterruption } from '../src/interruption.ts'
import { createStringScreen } from './string-screen.ts'
import type { StringScreen } from './string-screen.ts'

/** What a command works on, with a screen that can be read. */
export interface TestContext extends CommandContext {
  readonly screen: StringScreen
}

/** Opens a conversation with an emulator. `picked` is what is chosen from any list. */
export function openContext(baseUrl: string, picked?: string): TestContext {
  const settings = parseArguments([])
  if (settings === 'help') throw new Error('There is no call')
  const llm = createFalLlm({ baseUrl, credentials: 'id:secret' })
  const screen = createStringScreen()
  const conversation = createConversation({
    open: { chat: createFalChat({ llm }), llm, isKept: false },
    choice: firstChoice(settings, []),
    printer: createAnswerPrinter(screen, { json: false, isConversation: true }),
    interruption: createInterruption({ whenIdle() {}, atOnce() {} }),
    report: screen.note,
  })
  return { conversation, screen, pick: async () => picked }
}
