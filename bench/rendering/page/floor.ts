// The least that shows a growing text: one text node, changed once a frame. Idle, it takes the words and shows none.

import { history, question } from './history.ts'
import { hasParameter } from './parameters.ts'
import { answer, readTokens } from './source.ts'
import { list, openStage } from './stage.ts'

function append(role: string, words: string): Text {
  const text = document.createTextNode(words)
  const row = document.createElement('article')
  row.className = `row ${role}`
  row.appendChild(document.createElement('p')).appendChild(text)
  list.appendChild(row)
  return text
}

for (const { role, text } of history) append(role, text)

async function show(): Promise<void> {
  append('user', question)
  const shown = append('assistant', '')
  let unshown = ''
  let frame = 0
  const flush = (): void => {
    frame = 0
    shown.appendData(unshown)
    unshown = ''
  }
  for await (const tokens of readTokens()) {
    for (const token of tokens) unshown += token
    frame ||= requestAnimationFrame(flush)
  }
}

async function idle(): Promise<void> {
  append('user', question)
  append('assistant', '')
  let text = ''
  for await (const tokens of readTokens()) for (const token of tokens) text += token
  if (text !== answer) throw new Error('not exact: the source left something out')
}

if (hasParameter('idle')) openStage(idle, () => '')
else openStage(show)
