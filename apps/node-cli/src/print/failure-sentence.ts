import { toErrorSentence } from '@fal-llm/app-shared/text/error-sentence'
import type { FalLlmError } from '@fal-llm/core'
import { toPrintable } from './printable.ts'

/** What there is to do without a key. */
export const missingKey: string =
  'There is no fal key: set FAL_KEY to "key_id:secret" from https://fal.ai/dashboard/keys, or try --emulator, which needs none.'

/** Says a failure in one line: what it means, and what fal said. Never throws. */
export function toFailureSentence(error: FalLlmError): string {
  const [meaning = ''] = toErrorSentence(error).split('. ')
  const said = withoutPeriod(oneLine(error.message))
  const what = withoutPeriod(meaning)
  const sentence = said.startsWith(what) ? `${said}.` : `${what}: ${said}.`
  return error.maybeSubmitted
    ? `${withoutPeriod(sentence)}; fal may have taken the job all the same.`
    : sentence
}

function oneLine(text: string): string {
  return toPrintable(text).replaceAll(/\s+/g, ' ').trim()
}

function withoutPeriod(text: string): string {
  return text.replace(/\.$/, '')
}
