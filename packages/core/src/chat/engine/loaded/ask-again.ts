// Commands that only make sense once something was asked or read: they come with the first question, or with a storage.

import { FalLlmError } from '../../../errors.ts'
import type { ChatMessage } from '../../state.ts'
import { reopenAnswer } from './answer-progress.ts'
import { shownAnswers, startAnswer, busyError } from '../answers.ts'
import type { CallResult, Command } from '../chat-event.ts'
import {
  askedOf,
  cannotAsk,
  isBusy,
  isOpen,
  keepFiles,
  stopShown,
  takenBackError,
  unknownMessage,
  userBody,
  whenBusyOf,
} from '../commands.ts'
import { rank } from '../../kept.ts'
import type { Asked, Entry } from '../../kept.ts'
import {
  awaitAnswer,
  lineOf,
  refuse,
  setHere,
  settle,
  settleCallsOf,
  show,
  write,
} from '../draft.ts'
import type { CommandHandlers, Draft } from '../draft.ts'
import { forkOf, leafId } from '../message-tree.ts'
import { wordsOf } from '../to-message.ts'
import { claimJobs } from './other-chats.ts'
import type { WhenBusy } from '../../chat.ts'

/** The commands that ask again or go on. */
export const laterCommands: Partial<CommandHandlers> = {
  regenerate(draft, command) {
    const { call, answerId, asked, messageId, whenBusy } = command
    const target = answerOf(draft, messageId)
    if (!target) return refuse(draft, call, unknownAnswer(draft, messageId))
    const same = sameWish(draft, command)
    if (same) return awaitAnswer(draft, call, same)
    if (!makeRoom(draft, call, whenBusy)) return
    askAgain(draft, { call, answerId, isAgain: true }, target, asked)
  },
  edit(draft, { call, messageId, id, answerId, content, asked, whenBusy }) {
    const message = draft.tree.nodes.get(messageId)
    const refusal =
      message?.role === 'user'
        ? cannotAsk(draft, askedOf(draft, asked), [id, answerId])
        : notAUsers(messageId, message)
    if (!message || refusal) return refuse(draft, call, refusal ?? unknownMessage(messageId))
    if (!makeRoom(draft, call, whenBusy)) return
    const previousLeafId = leafId(draft.tree)
    write(draft, id, {
      place: { rank: rank.tree, parentId: message.parentId },
      body: userBody(draft, content, {}),
      metadata: content.metadata,
    })
    keepFiles(draft, id, content.files)
    awaitAnswer(draft, call, answerId)
    startAnswer(draft, {
      id: answerId,
      parentId: id,
      asked: askedOf(draft, asked),
      previousLeafId,
    })
  },
  retry(draft, { call, answerId }) {
    const [running] = shownAnswers(draft)
    if (running) return awaitAnswer(draft, call, running)
    const failedId = draft.here.failure?.id ?? leafId(draft.tree) ?? ''
    const failed = draft.tree.nodes.get(failedId)
    const isUnfinished = failed?.status === 'error' || failed?.status === 'interrupted'
    if (!failed || failed.role !== 'assistant' || !isUnfinished) {
      return settle(draft, call)
    }
    // What fal may still say is not paid for again.
    if (failed.job) return followAgain(draft, call, failedId)
    askAgain(draft, { call, answerId }, { parentId: failed.parentId, answerId: failedId }, {})
  },
  continue(draft, { call }) {
    const [running] = shownAnswers(draft)
    if (running) return awaitAnswer(draft, call, running)
    const leaf = draft.tree.nodes.get(leafId(draft.tree) ?? '')
    const isCut =
      leaf?.status === 'stopped' ||
      leaf?.status === 'interrupted' ||
      (leaf?.status === 'done' && leaf.finishReason === 'length')
    if (!leaf || leaf.role !== 'assistant' || !isCut) return settle(draft, call)
    if (leaf.job) return followAgain(draft, call, leaf.id)
    awaitAnswer(draft, call, leaf.id)
    reopenAnswer(draft, leaf.id, 'ask')
  },
  resume(draft, { call }) {
    claimJobs(draft, { withDetached: true })
    const { runs, claims } = draft.here
    const ids = [...shownAnswers(draft), ...claims, ...runs.keys()]
    const id = ids.find((one) => draft.kept.messages.get(one)?.body.job) ?? ids[0]
    if (id === undefined) return settle(draft, call)
    awaitAnswer(draft, call, id)
  },
  'take-back'(draft, { call, messageId }) {
    const entry = draft.kept.messages.get(messageId)
    if (entry?.place.rank !== rank.line) return refuse(draft, call, notWaiting(messageId))
    const result = takenBack(draft, messageId, entry)
    write(draft, messageId, { place: { rank: rank.takenBack, parentId: null } })
    draft.effects.push({ type: 'drop-files', id: messageId })
    settleCallsOf(draft, entry.body.answerId ?? '', takenBackError('taken back'))
    settle(draft, call, result)
  },
  'send-now'(draft, { call, messageId }) {
    const entry = draft.kept.messages.get(messageId)
    if (entry?.place.rank !== rank.line) return refuse(draft, call, notWaiting(messageId))
    stopShown(draft)
    const mine = new Set([...draft.here.mine, ...lineOf(draft.kept).map(([id]) => id)])
    setHere(draft, { isPaused: false, mine })
    awaitAnswer(draft, call, entry.body.answerId ?? '')
    sendFromLine(draft, messageId, entry)
  },
}

function followAgain(draft: Draft, call: number, id: string): void {
  awaitAnswer(draft, call, id)
  reopenAnswer(draft, id, 'follow')
}

interface Target {
  readonly parentId: string | null
  /** The answer that is asked for again. */
  readonly answerId: string | undefined
}

/** The turn that an answer is asked for again, and that answer. */
function answerOf(draft: Draft, messageId: string | undefined): Target | undefined {
  const message = draft.tree.nodes.get(messageId ?? leafId(draft.tree) ?? '')
  if (message?.role !== 'user') {
    return message?.parentId ? { parentId: message.parentId, answerId: message.id } : undefined
  }
  return { parentId: message.id, answerId: draft.tree.chosen.get(forkOf(message.id)) }
}

function askAgain(
  draft: Draft,
  { call, answerId, isAgain = false }: { call: number; answerId: string; isAgain?: boolean },
  target: Target,
  own: Asked,
): void {
  const asked = askedAgain(draft, target.answerId, own)
  const refusal =
    target.parentId === null ? unknownMessage('') : cannotAsk(draft, asked, [answerId])
  if (target.parentId === null || refusal) {
    return refuse(draft, call, refusal ?? unknownMessage(''))
  }
  awaitAnswer(draft, call, answerId)
  const previousLeafId = leafId(draft.tree)
  startAnswer(draft, { id: answerId, parentId: target.parentId, asked, previousLeafId, isAgain })
}

/** The answer being written that a double `regenerate` means. */
export function sameWish(draft: Draft, command: Command): string | undefined {
  if (command.do !== 'regenerate') return undefined
  const target = answerOf(draft, command.messageId)
  for (const [id, { isAgain, phase, body }] of draft.here.runs) {
    const isPending = isAgain && phase !== 'streaming'
    if (!isPending || draft.tree.nodes.get(id)?.parentId !== target?.parentId) continue
    const asked = askedAgain(draft, id, command.asked)
    if (JSON.stringify(asked) === JSON.stringify(body.asked)) return id
  }
  return undefined
}

/** How an answer is asked again: as before, unless the call says otherwise. */
function askedAgain(draft: Draft, answerId: string | undefined, own: Asked): Asked {
  const body = draft.kept.messages.get(answerId ?? '')?.body
  if (!body) return askedOf(draft, own)
  const { endpoint, model } = body
  const before = body.asked ?? {
    ...draft.here.settings.asked,
    ...(endpoint !== undefined && { endpoint }),
    ...(model !== undefined && { model }),
  }
  // Another endpoint has other models and parameters.
  const isElsewhere = own.endpoint !== undefined && own.endpoint !== before.endpoint
  return isElsewhere ? askedOf(draft, own) : { ...before, ...own }
}

function unknownAnswer(draft: Draft, messageId: string | undefined): FalLlmError {
  if (messageId !== undefined && !draft.tree.nodes.has(messageId)) return unknownMessage(messageId)
  return new FalLlmError('invalid-input', 'There is no answer to write again. send() one first')
}

function notAUsers(messageId: string, message: ChatMessage | undefined): FalLlmError {
  if (!message) return unknownMessage(messageId)
  return new FalLlmError(
    'invalid-input',
    `Only a user's message can be edited, "${messageId}" is the ${message.role}'s. Use regenerate(), or update() to change its words`,
  )
}

/** The content of a turn, handed back to who typed it. */
function takenBack(draft: Draft, id: string, { body, metadata }: Entry): CallResult {
  const files = draft.here.files.get(id) ?? []
  const images = body.parts
    .filter((part) => part.type === 'image')
    .flatMap(({ url }, index) => [url || files[index]].filter((image) => image !== undefined))
  return {
    text: wordsOf(body.parts).text,
    images,
    metadata: metadata?.value,
    options: body.asked ?? {},
  }
}

function notWaiting(messageId: string): FalLlmError {
  return new FalLlmError('invalid-input', `Nothing waits under the id "${messageId}"`)
}

/** Sends the first of what waits, where a person of this chat wants the line to move. */
export function moveLine(draft: Draft): void {
  const { here } = draft
  if (here.isClosed || here.isPaused || here.mine.size === 0) return
  if (!isOpen(draft) || isBusy(draft)) return
  const line = lineOf(draft.kept)
  const [head] = line
  if (!head || !line.some(([id]) => here.mine.has(id))) return
  sendFromLine(draft, ...head)
}

function sendFromLine(draft: Draft, id: string, { body }: Entry): void {
  const previousLeafId = leafId(draft.tree)
  const isOurs = body.by === draft.here.by
  write(draft, id, { place: { rank: rank.tree, parentId: previousLeafId } })
  show(draft, id)
  const { answerId = `${id}-answer` } = body
  // Another chat has asked already.
  if (draft.kept.messages.has(answerId)) return
  const asked = askedOf(draft, body.asked ?? {})
  startAnswer(draft, { id: answerId, parentId: id, asked, previousLeafId, isShared: !isOurs })
}

/** The calls that ask for an answer now: a busy chat refuses them or is stopped. Returns whether they can go on. */
function makeRoom(draft: Draft, call: number, whenBusy: WhenBusy | undefined): boolean {
  if (!isBusy(draft)) return true
  if (whenBusyOf(draft, whenBusy) === 'reject') {
    refuse(draft, call, busyError())
    return false
  }
  stopShown(draft)
  return true
}
