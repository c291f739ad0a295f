// Nothing is overwritten: another answer, and an edited question, are branches beside the old ones.

import { createFalChat } from '@fal-llm/core'

const chat = createFalChat({ model: 'google/gemini-2.5-flash' })
const first = await chat.send('Name a colour.')
await chat.regenerate()
console.log(chat.getState().messages.at(-1)?.branch) // { index: 1, count: 2 }

chat.switchBranch(first.id, 0)
console.log(chat.getState().messages.at(-1)?.id === first.id)

await chat.edit(first.parentId ?? '', 'Name a fruit.')
console.log(chat.getState().messages.map(({ text, branch }) => [text.slice(0, 14), branch.count]))
