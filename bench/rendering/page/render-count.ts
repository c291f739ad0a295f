import { historyLength } from './history.ts'

const answerIndex = historyLength + 1
let renders = new Uint32Array(answerIndex + 1)

/** Each row says so when it renders or updates. */
export function noteRender(index: number): void {
  renders[index] = (renders[index] ?? 0) + 1
}

/** What came before the question does not count. */
export function forgetRenders(): void {
  renders = new Uint32Array(answerIndex + 1)
}

/** How often rows rendered since the question. */
export interface RenderCount {
  readonly all: number
  /** Of the growing row, its first one left out. */
  readonly ofAnswer: number
  /** Of rows that did not change: the question's first one is left out. */
  readonly ofOthers: number
}

/** Counts the renders since the question. */
export function countRenders(): RenderCount {
  const all = renders.reduce((sum, count) => sum + count, 0)
  const ofAnswerRow = renders[answerIndex] ?? 0
  const hasQuestion = (renders[historyLength] ?? 0) > 0
  return {
    all,
    ofAnswer: Math.max(0, ofAnswerRow - 1),
    ofOthers: all - ofAnswerRow - (hasQuestion ? 1 : 0),
  }
}
