// The least that shows a growing text: one text node, changed once a frame. Idle, it takes the text and shows none.

import { question } from '../../peers/conversation.ts'
import { answer, hasParameter, readTokens } from './source.ts'
import { list, openStage, turns } from './stage.ts'

function append(role: string, content: string): Text {
  const text = document.createTextNode(content)
  const row = document.createElement('article')
  row.className = `row ${role}`
  row.appendChild(document.createElement('p')).appendChild(text)
  list.appendChild(row)
  return text
}

for (const { role, text } of turns) append(role, text)

async function show(): Promise<void> {
  append('user', question)
  const shown = append('assistant', '')
  let pending = ''
  let frame = 0
  const flush = (): void => {
    frame = 0
    shown.appendData(pending)
    pending = ''
  }
  for await (const tokens of readTokens()) {
    for (const token of tokens) pending += token
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
